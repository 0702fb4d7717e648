"""Seeds that the tests write themselves."""

from harness.testing import given


def two_friends(dataset):
    """One message, and the two people who know of it."""
    andrew, bayko = dataset.users[:2]
    message = {"pk": "MSG#1", "sk": "2026-01-01T00:00:00.000000+00:00", "message": "hi", "user_handle": andrew.handle}
    return given(dataset, users=[andrew, bayko], items=[message])
