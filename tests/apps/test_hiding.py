import pytest

from solynk.apps.hiding import HIDDEN, forms_of, passwords_in, without

PLAIN = "p@ss/w:rd+é 100%'\\"


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://solynk:open-sesame@db.example/solynk",
        "redis://:open-sesame@cache.example/0",
        "unix://:open-sesame@/run/redis.sock",
        "postgresql://db.example/solynk?user=ann&password=open-sesame",
        "redis://cache.example/0?db=1&PASSWORD=open-sesame#top",
        "https://ann:open-sesame@bots.example:8081",
        "postgresql://ann:open-sesame@[not-an-address/solynk",
    ],
)
def test_a_password_is_found_wherever_an_address_holds_it(address: str) -> None:
    assert "open-sesame" in set(passwords_in(address))


@pytest.mark.parametrize("password", ["open@sesame", "open/sesame", "open#sesame", "open?sesame"])
def test_a_password_that_should_have_been_encoded_is_found(password: str) -> None:
    assert password in set(passwords_in(f"postgresql://ann:{password}@db.example/solynk"))


@pytest.mark.parametrize("address", ["sqlite:///a.db", "redis://cache.example:6379/0?db=1"])
def test_an_address_without_a_password_holds_none(address: str) -> None:
    assert list(passwords_in(address)) == []


@pytest.mark.parametrize(
    "written",
    [
        PLAIN,
        "p%40ss%2Fw%3Ard%2B%C3%A9%20100%25%27%5C",
        "p%40ss%2Fw%3Ard%2B%C3%A9+100%25%27%5C",
        "p%40ss/w%3Ard%2B%C3%A9%20100%25%27%5C",
        "p%40ss%2Fw%3Ard+%C3%A9 100%25%27%5C",
        "p@ss/w:rd+é 100%'\\\\",
        "p@ss/w:rd+é 100%\\'\\\\",
    ],
)
@pytest.mark.parametrize("told", [PLAIN, "p%40ss%2Fw%3Ard%2B%C3%A9%20100%25%27%5C"])
def test_a_secret_is_hidden_in_every_form(told: str, written: str) -> None:
    assert without(forms_of([told]), f"no entry with {written}!") == f"no entry with {HIDDEN}!"


def test_a_secret_that_begins_another_leaves_nothing_of_it_behind() -> None:
    assert without(forms_of(["abcdef", "abcdef-ghijkl"]), "<abcdef-ghijkl>") == f"<{HIDDEN}>"


def test_short_words_stay_readable() -> None:
    assert without(forms_of(["", "ab", "abcde"]), "abcde about") == "abcde about"
