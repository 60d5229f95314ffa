"""The one error that means: the input is at fault, not the program."""


class InputError(ValueError):
    """A fault in what the user gave: a file, an entry, a setting.

    The message is one sentence that names the file, line or spectrum, what was expected and what
    to do. Entry points print it without a traceback and exit with a non-zero status.
    """
