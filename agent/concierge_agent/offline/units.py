"""Units of measure in everyday English: what they measure and how they convert."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Unit:
    """What a unit measures, and its size in that dimension's base unit: minute, kilogram, metre, litre, byte, watt."""

    dimension: str
    factor: float


_TABLE: Mapping[str, Mapping[str, float]] = {
    "duration": {
        "s sec secs second seconds": 1 / 60, "min mins minute minutes": 1, "h hr hrs hour hours": 60, "day days": 1440,
        "week weeks": 10080, "fortnight fortnights": 20160, "month months": 43800, "decade decades": 5256000,
        "year years yr yrs": 525600,
    },
    "mass": {
        "mg milligram milligrams": 1e-6, "g gr gram grams gramme grammes": 1e-3,
        "kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes": 1, "tonne tonnes": 1000,
        "lb lbs pound pounds": 0.45359237, "oz ounce ounces": 0.028349523125, "stone": 6.35029318,
    },
    "length": {
        "mm millimetre millimetres millimeter millimeters": 1e-3,
        "cm centimetre centimetres centimeter centimeters": 0.01,
        "m metre metres meter meters": 1, "km kms kilometre kilometres kilometer kilometers": 1000,
        'inch inches " ″ ”': 0.0254, "ft foot feet": 0.3048, "yd yard yards": 0.9144, "mi mile miles": 1609.344,
    },
    "area": {
        "m² m2 sqm": 1, "ft² ft2 sqft": 0.09290304, "km² km2": 1e6, "hectare hectares ha": 1e4,
        "acre acres": 4046.8564224,
    },
    "volume": {
        "ml millilitre millilitres milliliter milliliters": 1e-3,
        "cl centilitre centilitres centiliter centiliters": 0.01,
        "dl": 0.1, "l litre litres liter liters": 1, "gallon gallons": 3.785411784,
    },
    "data": {
        "kb kilobyte kilobytes": 1e3, "mb meg megs megabyte megabytes": 1e6, "gb gig gigs gigabyte gigabytes": 1e9,
        "tb terabyte terabytes": 1e12,
    },
    "power": {"w watt watts": 1, "kw kilowatt kilowatts": 1000},
    "energy": {"wh": 1, "kwh": 1000},
    "charge": {"mah": 1, "ah": 1000},
    "frequency": {"hz hertz": 1, "khz": 1e3, "mhz": 1e6, "ghz": 1e9},
    "speed": {"kmh kph": 1, "mph": 1.609344},
    "share": {"% percent pct": 1},
}  # fmt: skip
_CURRENCIES = {
    "eur": "€ eur euro euros", "usd": "$ usd dollar dollars buck bucks", "gbp": "£ gbp quid sterling",
    "jpy": "¥ yen jpy", "chf": "chf franc francs", "inr": "₹ inr rupee rupees", "cad": "cad", "aud": "aud",
    "sek": "sek kronor", "pln": "pln zloty",
}  # fmt: skip
_SUMS = {"tenner": (10, "gbp"), "fiver": (5, "gbp"), "grand": (1000, "")}
_SQUARED = {"metre": "m2", "metres": "m2", "meter": "m2", "meters": "m2", "foot": "ft2", "feet": "ft2", "m": "m2"}
UNITS: Mapping[str, Unit] = MappingProxyType(
    {
        word: Unit(dimension, factor)
        for dimension, units in _TABLE.items()
        for words, factor in units.items()
        for word in words.split()
    }
)
CURRENCIES: Mapping[str, str] = MappingProxyType(
    {word: code for code, words in _CURRENCIES.items() for word in words.split()}
)
CURRENCY_SIGNS = frozenset("€$£¥₹")
CURRENCY_CODES = frozenset(_CURRENCIES)
HUNDREDTHS = frozenset({"cent", "cents", "penny", "pence"})
SUMS: Mapping[str, tuple[int, str]] = MappingProxyType(_SUMS)
"""Words for a sum of money: "a tenner", "two grand"; with the currency where the word tells it."""
SQUARED: Mapping[str, str] = MappingProxyType(_SQUARED)
"""What "square" makes of a length's unit."""
