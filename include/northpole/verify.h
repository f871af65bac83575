// The proof that a program is sound: northpole::verify::verify(program), and its outcome as text and JSON.
#pragma once

#include "report/verification.h"
#include "verify/verify.h"
