"""From hits to an answer: quoting, citing, and saying when there is nothing to quote."""
