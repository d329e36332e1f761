"""Colours that nobody confuses (Okabe and Ito, 2008), each with a second sign for print in grey.

Lightness falls from yellow to vermilion, so that a grey copy keeps the order; where two may be taken for one, shape,
hatch or the kind of line tells them apart.
"""

INK = "#222222"
QUIET = "#5f6368"
RULE = "#c9ccd1"
PAPER = "#ffffff"

BLUE = "#0072b2"
SKY = "#56b4e9"
GREEN = "#009e73"
YELLOW = "#f0e442"
ORANGE = "#e69f00"
VERMILION = "#d55e00"
PURPLE = "#a85888"
GREY = "#9aa0a6"

# Tints below letters: dark enough to be seen, light enough to be read on.
BLUE_TINT = "#cfe4f3"
BLUE_DEEP = "#8fc1e3"
RED_TINT = "#fbe0cc"
RED_DEEP = "#f3b183"
GREY_TINT = "#eeeff1"

# Several lines in one picture: colour, kind of line, marker.
LINES = (
    (BLUE, "-", "o"),
    (VERMILION, "--", "s"),
    (GREEN, "-.", "^"),
    (PURPLE, ":", "D"),
)
