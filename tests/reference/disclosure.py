def check_suppression(case):
    raise NotImplementedError
