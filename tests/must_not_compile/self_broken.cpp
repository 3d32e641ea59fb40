// Never compiles: the check has to refuse it as a control.
#include "core/no_such_header.h"
