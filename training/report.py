"""Fill the model card: `python -m training.report` draws the curve and writes the results into README.md.

It knows the files of a run and of `training.evaluate`; it measures nothing.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training import curve

HERE = Path(__file__).parent
README, RESULTS, DRAWING = HERE / "README.md", HERE / "results.json", HERE / "curve.svg"
READERS = {
    "onnx": "as shipped: eight bits, onnxruntime",
    "torch": "the checkpoint: 32 bits, torch",
}
COLUMNS = {
    "f1": "F1",
    "em": "exact match",
    "auroc_span": "AUROC, span",
    "auroc_head": "AUROC, head",
    "auroc_both": "AUROC, both",
}
_MARKED = re.compile(r"(<!-- results: [^\n]*-->\n).*?(<!-- /results -->)", re.DOTALL)


def generate(text: str, results: Mapping[str, Any]) -> str:
    """A model card with its results made anew.

    Args:
        text: The card, with the marks between which the results stand.
        results: From `training.evaluate`.

    Raises:
        ValueError: If the marks are missing.
    """
    if not _MARKED.search(text):
        raise ValueError("no marks for the results in the text")
    return _MARKED.sub(lambda found: f"{found[1]}\n{table(results)}\n\n{found[2]}", text)


def table(results: Mapping[str, Any]) -> str:
    """The numbers of the odd lines as a Markdown table, with what they rest on below."""
    readers = {name: results["readers"][name] for name in READERS if name in results["readers"]}
    lines = [f"| | {' | '.join(COLUMNS.values())} |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name, measured in readers.items():
        cells = [_cell(measured["odd"][column]) for column in COLUMNS]
        lines.append(f"| {READERS[name]} | {' | '.join(cells)} |")
    first = next(iter(readers.values()))
    odd, chosen, machine = first["odd"], first["chosen"], results["machine"]
    lines += [
        "",
        f"{results['data']['name']}, odd lines: {odd['answerable']} answerable questions and "
        f"{odd['near_misses']} near misses, {results['date']}, commit {results['commit'][:12]}"
        f"{' with changes' if results['dirty'] else ''}, {machine['cores']} cores ({machine['processor']}), "
        f"step {first['model']['step']:,}. Chosen on the even lines: passages of {chosen['passage_chars']} "
        f"characters, a weight of {chosen['head_weight']:g} for the head beside the span.",
    ]
    return "\n".join(lines)


def _cell(number: Mapping[str, Any]) -> str:
    low, high = number["interval"]
    return f"{number['mean']:.3f} [{low:.3f}, {high:.3f}]"


def main() -> None:
    """Read the options and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--curve", type=Path, default=HERE / ".cache" / "reader" / "curve.jsonl")
    options = parser.parse_args()
    if options.curve.exists():
        DRAWING.write_text(curve.svg(curve.read(options.curve)), encoding="utf-8")
    else:
        print(f"{options.curve} is not there: the drawing stays as it is")
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    README.write_text(generate(README.read_text(encoding="utf-8"), results), encoding="utf-8")


if __name__ == "__main__":
    main()
