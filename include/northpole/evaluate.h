// Pictures through a network: evaluate::open_model() makes any of float network, quantized network and program answer
// pictures, evaluate::evaluate() counts how many answers are right, evaluate::compare_layers() holds every tensor of a
// run against the reference's.
#pragma once

#include "evaluate/compare_layers.h"
#include "evaluate/evaluate.h"
#include "evaluate/model.h"
#include "evaluate/ranking.h"
