"""Units of measure in everyday English: what they measure and how they convert."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Unit:
    """What a unit measures, and its size in that dimension's base unit (minute, kilogram, metre, litre, byte, watt)."""

    dimension: str
    factor: float


_TABLE: Mapping[str, Mapping[str, float]] = {
    "duration": {
        "s sec secs second seconds": 1 / 60, "min mins minute minutes": 1, "h hr hrs hour hours": 60, "day days": 1440,
        "week weeks": 10080, "month months": 43800, "year years yr yrs": 525600,
    },
    "mass": {
        "mg": 1e-6, "g gr gram grams gramme grammes": 1e-3, "kg kgs kilo kilos kilogram kilograms": 1,
        "lb lbs pound pounds": 0.45359237, "oz ounce ounces": 0.028349523,
    },
    "length": {
        "mm millimetre millimetres millimeter millimeters": 1e-3,
        "cm centimetre centimetres centimeter centimeters": 0.01,
        "m metre metres meter meters": 1, "km kilometre kilometres kilometer kilometers": 1000, "inch inches": 0.0254,
        "ft foot feet": 0.3048, "mile miles": 1609.344,
    },
    "volume": {"ml": 1e-3, "cl": 0.01, "l litre litres liter liters": 1, "gallon gallons": 3.785411784},
    "data": {
        "kb": 1e3, "mb megabyte megabytes": 1e6, "gb gig gigs gigabyte gigabytes": 1e9, "tb terabyte terabytes": 1e12,
    },
    "power": {"w watt watts": 1, "kw kilowatt kilowatts": 1000},
    "share": {"% percent": 1},
}  # fmt: skip
_CURRENCIES = {
    "eur": "€ eur euro euros", "usd": "$ usd dollar dollars buck bucks", "gbp": "£ gbp quid sterling",
    "jpy": "¥ yen jpy", "chf": "chf franc francs",
}  # fmt: skip
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
CURRENCY_SIGNS = frozenset("€$£¥")
