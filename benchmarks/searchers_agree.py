"""Every searcher against its plain reference on random trees, budgets included.

    python benchmarks/searchers_agree.py [TREES]

For each searcher: the trees on which both did the same (the same steps asked for at the same places in the same order,
the same prunings and reflections, answers and reason to stop), how these searches ended, and how many moves they took.
"""

import sys
from collections import Counter

from plain_searchers import REFERENCES, random_case, referred, searched

SHOWN = 3
"""Trees named, of those on which a searcher differs."""


def main(trees: int) -> int:
    differing = 0
    for name in REFERENCES:
        agreed, moves = 0, 0
        reasons: Counter[str] = Counter()
        for seed in range(trees):
            case = random_case(name, seed)
            found = searched(case)
            if found == referred(case):
                agreed += 1
            elif seed - agreed < SHOWN:
                print(f"{name}: not on {case}")
            reasons[found.reason] += 1
            moves += len(found.acts)
        ended = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
        print(f"{name:10} {agreed} of {trees} agree ({ended}; {moves} moves)", flush=True)
        differing += trees - agreed
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
