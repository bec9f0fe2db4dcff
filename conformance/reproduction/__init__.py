"""Lines of shell that show a defect again: the requests, and after each what it must print.

They work as pasted: keys are shell variables, and a word that would name a person is fetched from the target.
"""

from conformance.reproduction.defects import lines_of
from conformance.reproduction.lines import Found, Reproducer

__all__ = ["Found", "Reproducer", "lines_of"]
