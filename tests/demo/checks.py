"""What a step of the story checks: the demo fails where a thing is not as it should be."""


class NotAsItShouldBe(Exception):
    """What a step showed is not what the provider promises."""


def check(truth, message):
    if not truth:
        raise NotAsItShouldBe(message)


def in_order(found, wanted, what):
    """That all of `wanted` are in `found`, one after the other, whatever is between them."""
    rest = iter(found)
    missing = next((one for one in wanted if one not in rest), None)
    check(missing is None, f"{what} should have {missing!r} in the order {wanted!r}, and are {found!r}")


def same(found, wanted, what):
    check(found == wanted, f"{what} should be {wanted!r}, and is {found!r}")
