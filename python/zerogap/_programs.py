"""The programs that come with the library."""
import os
import pathlib
import shutil

from . import _library


def program(name, variable):
    """Path of a program: given by an environment variable, else in the library's build folder or
    prefix, else found by PATH."""
    given = os.environ.get(variable)
    if given:
        return given
    library = pathlib.Path(_library.PATH)
    if library.is_absolute():
        folder = library.resolve().parent
        for place in (folder, *(parent / "bin" for parent in folder.parents)):
            if (place / name).is_file():
                return str(place / name)
    found = shutil.which(name)
    if not found:
        raise _library.MissingError("the program %s was not found; it is installed with zerogap, or "
                                    "let %s be its path" % (name, variable))
    return found
