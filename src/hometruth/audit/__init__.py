"""Where the stages meet: one road from a recording to examined exchanges, and what is folded over them.

Batches, sieve, memo and worker processes are in one generator; a scan, an audit, identifiers and what known
endpoints were sent are folds over what it yields. Import from the modules: a scan does not pay for verdicts.
"""
