# SPDX-License-Identifier: MIT
"""Host tests of the tools: unittest classes in test_*.py of this folder. Each
method becomes one line of the suite."""
import glob
import importlib
import os
import unittest

from harness import Failure, Skip, Test


def methods(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from methods(item)
        else:
            yield item


def function_of(case):
    def function(_context):
        result = unittest.TestResult()
        case.run(result)
        if result.skipped:
            raise Skip(result.skipped[0][1])
        for _, text in result.errors + result.failures:
            raise Failure(text)

    return function


def tests():
    """All of them, in the form of the suite."""
    found = []
    folder = os.path.dirname(os.path.abspath(__file__))
    for path in sorted(glob.glob(os.path.join(folder, "test_*.py"))):
        name = os.path.basename(path)[:-3]
        module = importlib.import_module("host." + name)
        loaded = unittest.defaultTestLoader.loadTestsFromModule(module)
        for case in methods(loaded):
            label = case.id().split(".", 1)[1].replace(".", " ")
            tier = getattr(case, "tier", "quick")
            label = label.replace("test_", "")
            found.append(Test("host " + label, function_of(case), tier))
    return found
