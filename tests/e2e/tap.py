# SPDX-License-Identifier: Apache-2.0
"""What tests say of themselves: a line for each thing that they have seen (Test Anything Protocol)."""

_number = _failed = 0


def report(name, wrong=None, skip=None):
    global _number, _failed
    _number += 1
    _failed += wrong is not None
    print(f"{'not ok' if wrong else 'ok'} {_number} - {name}" + (f" # SKIP {skip}" if skip else ""), flush=True)
    if wrong:
        print("# " + str(wrong).replace("\n", "\n# "), flush=True)


def expect(name, holds, said=""):
    report(name, None if holds else str(said) or "no")


def plan():
    """The last line of a test, and its exit status."""
    print(f"1..{_number}")
    return 1 if _failed else 0
