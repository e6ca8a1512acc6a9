"""Risk control: items that somebody is likely to turn down are left out, up to a threshold that held-out users set."""
