"""How the Python side of a bench is asked: a request a line, {"id", "method", "params"}, each answered with a line
{"id", "result"} or {"id", "error"}. What libraries print goes to stderr."""
import json
import os
import sys
import traceback
import warnings


def serve(server):
    """Calls the methods of a server until nobody asks any more."""
    warnings.filterwarnings('ignore')
    answers = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {'result': getattr(server, request['method'])(**request['params'])}
        except Exception as error:
            traceback.print_exc()
            answer = {'error': f'{type(error).__name__}: {error}'}
        answers.write(json.dumps({'id': request['id'], **answer}) + '\n')
        answers.flush()
