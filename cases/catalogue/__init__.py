"""The catalogue: the law, the calendar and the kinds of things, as a folder of YAML files. See `seeds/README.md`."""

from cases.catalogue.checking import InvalidCatalogue as InvalidCatalogue
from cases.catalogue.checking import read_catalogue as read_catalogue
from cases.catalogue.core import Core as Core
from cases.catalogue.core import load_core as load_core
from cases.catalogue.reading import NoSuchFolder as NoSuchFolder
from cases.catalogue.reading import Problem as Problem
