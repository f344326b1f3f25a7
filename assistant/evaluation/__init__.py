"""How good the answers are on a collection of one's own: questions in, figures out.

`questions` reads them, `generating` proposes some, `measuring` asks them, `summary` counts. What is shown of
it is the surfaces' affair.
"""

from assistant.evaluation.generating import generate
from assistant.evaluation.measuring import Row, measure
from assistant.evaluation.questions import EvaluationQuestion, Evidence, load, to_line
from assistant.evaluation.summary import Share, Summary, summarise

__all__ = [
    "EvaluationQuestion",
    "Evidence",
    "Row",
    "Share",
    "Summary",
    "generate",
    "load",
    "measure",
    "summarise",
    "to_line",
]
