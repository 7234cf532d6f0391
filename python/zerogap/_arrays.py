"""Arrays for the library: doubles in rows, without a copy where they lie so already; and its own."""
import ctypes

import numpy

from ._library import BadInputError

LARGEST_WHOLE = 2 ** 53  # beyond it neighbouring whole numbers are one double


def pointer(array):
    """A pointer to doubles, or None."""
    if array is None:
        return None
    return array.ctypes.data_as(ctypes.POINTER(ctypes.c_double))


def copy_of(address, *shape, kind=numpy.float64):
    """A copy of an array of the library's; None where it has none."""
    if not address and all(shape):
        return None
    if not all(shape):
        return numpy.empty(shape, kind)
    return numpy.ctypeslib.as_array(address, shape).astype(kind, copy=True)


def is_frame(values):
    """Whether something is a table with named columns, as those of pandas."""
    return hasattr(values, "columns") and hasattr(values, "to_numpy")


def names_of(frame):
    """Names of a frame's columns; None where they are no texts."""
    if not is_frame(frame):
        return None
    names = list(frame.columns)
    return names if names and all(isinstance(name, str) for name in names) else None


def numbers(values, what):
    """An array of doubles in one piece, row after row; refuses what would change on the way."""
    if hasattr(values, "toarray") and hasattr(values, "nnz"):
        raise TypeError("%s is a sparse matrix, but a dense array is needed: use .toarray()" % what)
    if isinstance(values, numpy.ma.MaskedArray) and numpy.ma.is_masked(values):
        raise BadInputError("%s has masked values" % what)
    array = numpy.asarray(values.to_numpy() if hasattr(values, "to_numpy") else values)
    if array.dtype.kind == "c":
        raise BadInputError("%s: complex data not supported" % what)
    if array.dtype.kind in "iu" and array.dtype.itemsize == 8 and array.size:
        if array.max() > LARGEST_WHOLE or array.min() < -LARGEST_WHOLE:
            raise BadInputError("%s holds whole numbers beyond 2^53, which no double is" % what)
    if array.dtype.kind not in "biufO":
        raise BadInputError("%s holds %s, expected numbers" % (what, array.dtype))
    if array.dtype.kind == "O" and any(isinstance(value, (str, bytes)) for value in array.flat):
        raise BadInputError("%s holds texts, expected numbers" % what)
    try:
        return numpy.require(array, numpy.float64, ["C", "A"])
    except (TypeError, ValueError) as error:
        raise BadInputError("%s: expected numbers: %s" % (what, error)) from None


def matrix(values, what="X"):
    """n x d doubles."""
    array = numbers(values, what)
    if array.ndim != 2:
        raise BadInputError("Expected 2D array, got %dD array instead: %s is n x d, a row per sample "
                            "(reshape your data)" % (array.ndim, what))
    return array


def is_text(values):
    """Whether targets are words."""
    array = numpy.asarray(values)
    return array.dtype.kind in "US" or (
        array.dtype.kind == "O" and array.size > 0 and
        all(isinstance(value, str) for value in array.flat))
