"""One family of errors, which scripts can still catch as they did before."""

import importlib
import inspect
import pickle
import pkgutil

import pytest

import izhikevich
from izhikevich.errors import IzhikevichError, ParameterError

# What each was before there was a family, which scripts may rely on.
FORMER = {
    "LinkError": ValueError,
    "MechanismError": RuntimeError,
    "MissingPackageError": ImportError,
    "MessageError": ValueError,
    "NetworkError": RuntimeError,
    "NoRestError": ValueError,
    "RunawayError": RuntimeError,
    "TooLongError": RuntimeError,
    "UnknownCellTypeError": KeyError,
    "WorkerDiedError": RuntimeError,
}


def of_the_package():
    """Every public exception that a module of the package defines."""
    found = {}
    for info in pkgutil.walk_packages(izhikevich.__path__, "izhikevich."):
        module = importlib.import_module(info.name)
        for name, value in inspect.getmembers(module, inspect.isclass):
            is_own = value.__module__ == info.name and not name.startswith("_")
            if is_own and issubclass(value, Exception):
                found[name] = value
    return found


def test_every_error_is_of_the_family_and_of_its_former_kind():
    errors = of_the_package()
    assert set(FORMER) <= set(errors)
    for name, error in errors.items():
        assert issubclass(error, IzhikevichError), f"{error.__module__}.{name} stands apart"
        assert issubclass(error, FORMER.get(name, Exception)), name


def test_a_value_refused_is_caught_either_way():
    for kind in (ValueError, izhikevich.IzhikevichError, izhikevich.ParameterError):
        with pytest.raises(kind, match="dt must be"):
            raise ParameterError("dt must be greater than 0 ms, not -1")


def test_an_error_comes_back_from_a_worker_as_it_was():
    error = pickle.loads(pickle.dumps(ParameterError("dt must be greater than 0 ms, not -1")))
    assert type(error) is ParameterError
    assert str(error) == "dt must be greater than 0 ms, not -1"
