"""A survey service for public bodies, in seven words.

    asked       survey.forms        instruments, items, routing, pages, proofing           (pure)
    answered    survey.responses    responses, waves, modes, receipts                      (pure)
    computed    survey.analysis     estimates, intervals, tests; has never heard of surveys (pure)
    judged      survey.evaluation   responses -> numbers -> meaning                        (pure)
    kept        survey.db           the only SQL
    shown       survey.web          the only HTTP
    run         survey.cli          the command line

Who may import whom (checked by `make check`); siblings on a line do not know each other:

         demo, cli
             |
            web
          /     \\
        db     evaluation
          \\     /      \\
         responses      \\
             |           \\
           forms        analysis

The seventh word of the plan, complained (`survey.cases`), is not built yet.
"""
