"""What a step of the story checks: the demo fails where a thing is not as it should be."""


class NotAsItShouldBe(Exception):
    """What a step showed is not what the provider promises."""


def check(truth, message):
    if not truth:
        raise NotAsItShouldBe(message)


def same(found, wanted, what):
    check(found == wanted, f"{what} should be {wanted!r}, and is {found!r}")
