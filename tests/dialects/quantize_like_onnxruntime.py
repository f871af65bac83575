#!/usr/bin/env python3
"""A float network, quantized in the ways of ONNX Runtime's static quantizer, for the tests of the importer.

    python3 quantize_like_onnxruntime.py        # writes networks/static-*.onnx (Debian: python3-onnx, python3-numpy)

The conventions are those of its documentation and of the files that it writes (nothing of it is needed or used here):
  ranges       the least and the largest value seen, widened to hold 0; scale = range / (highest - lowest code),
               zero point = round(lowest code - least / scale): asymmetric, uint8 or int8
  weights      int8: symmetric, scale = 2 max|w| / 254 by tensor or output channel, or half the codes ("reduce range", for
               processors whose 8-bit products saturate); uint8: asymmetric, by tensor
  biases       int32, scale = input scale x weight scale, zero point 0
  Relu, Clip   gone: the range of what they give, with its zero point at the lowest code, is the layer's own
  MaxPool, Flatten  keep the quantization of their input
  QDQ          a pair behind every value, DequantizeLinear of weights and biases; QOperator: operators on codes
Weights and calibration pictures are random, from a fixed seed.
"""
import numpy as np
from onnx import TensorProto, helper, numpy_helper

from make_networks import MICROSOFT, Network

LAYERS = ('Conv', 'Gemm', 'MatMul')
KEPT = ('MaxPool', 'Flatten')  # the same quantization before and behind
CLAMPS = ('Relu', 'Clip')


class FloatNetwork:
    """Operators in order; numpy says what they compute."""

    def __init__(self, seed):
        self.random = np.random.RandomState(seed)
        self.nodes, self.constants = [], {}

    def weights(self, name, shape):
        self.constants[name] = (self.random.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))).astype(np.float32)
        # Channels of unlike size, as trained ones are.
        self.constants[name] *= np.exp2(self.random.uniform(-2, 1, (shape[0],) + (1,) * (len(shape) - 1))).astype(np.float32)
        return name

    def bias(self, name, channels):
        self.constants[name] = self.random.uniform(-0.3, 0.3, channels).astype(np.float32)
        return name

    def node(self, op, inputs, output, **attributes):
        self.nodes.append((op, inputs, output, attributes))
        return output

    def run(self, x):
        values = dict(self.constants, x=x)
        for op, inputs, output, attributes in self.nodes:
            values[output] = globals()['compute_' + op](*[values[i] for i in inputs], **attributes)
        return values


def windows(x, kernel_shape, strides=(1, 1), pads=(0, 0, 0, 0), value=0.0):
    """[N, C, H, W] to [N, C, out H, out W, kernel H x kernel W]."""
    x = np.pad(x, ((0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])), constant_values=value)
    rows = (x.shape[2] - kernel_shape[0]) // strides[0] + 1
    columns = (x.shape[3] - kernel_shape[1]) // strides[1] + 1
    parts = [x[:, :, i:i + rows * strides[0]:strides[0], j:j + columns * strides[1]:strides[1]]
             for i in range(kernel_shape[0]) for j in range(kernel_shape[1])]
    return np.stack(parts, axis=-1)


def compute_Conv(x, w, b, kernel_shape, strides=(1, 1), pads=(0, 0, 0, 0), group=1):
    seen, filters = windows(x, kernel_shape, strides, pads), w.reshape(w.shape[0], w.shape[1], -1)
    results = [np.einsum('nchwk,ock->nohw', part, own)
               for part, own in zip(np.split(seen, group, axis=1), np.split(filters, group, axis=0))]
    return np.concatenate(results, axis=1) + b.reshape(1, -1, 1, 1)


def compute_MaxPool(x, kernel_shape, strides=(1, 1), pads=(0, 0, 0, 0)):
    return windows(x, kernel_shape, strides, pads, -np.inf).max(axis=-1)


def compute_AveragePool(x, kernel_shape, strides=(1, 1)):
    return windows(x, kernel_shape, strides).mean(axis=-1)


def compute_GlobalAveragePool(x):
    return x.mean(axis=(2, 3), keepdims=True)


def compute_Relu(x):
    return np.maximum(x, 0)


def compute_Clip(x, lowest, highest):
    return np.clip(x, lowest, highest)


def compute_Add(a, b):
    return a + b


def compute_Concat(*parts, axis):
    return np.concatenate(parts, axis=axis)


def compute_Flatten(x, axis):
    return x.reshape(int(np.prod(x.shape[:axis])), -1)


def compute_Gemm(x, w, b, transB):
    return x @ w.T + b


def compute_MatMul(x, w):
    return x @ w


def small_residual_network():
    n = FloatNetwork(41)
    n.constants['six'], n.constants['zero'] = np.float32(6), np.float32(0)
    n.node('Conv', ['x', n.weights('w1', (8, 3, 3, 3)), n.bias('b1', 8)], 'c1', kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    n.node('Relu', ['c1'], 'r1')
    n.node('MaxPool', ['r1'], 'p1', kernel_shape=[2, 2], strides=[2, 2])
    n.node('Conv', ['p1', n.weights('w2', (8, 8, 3, 3)), n.bias('b2', 8)], 'c2', kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    n.node('Add', ['c2', 'p1'], 's2')
    n.node('Relu', ['s2'], 'r2')
    n.node('Conv', ['r2', n.weights('w3', (12, 4, 3, 3)), n.bias('b3', 12)], 'c3', kernel_shape=[3, 3], strides=[2, 2],
           pads=[0, 0, 1, 1], group=2)
    n.node('Clip', ['c3', 'zero', 'six'], 'r3')
    n.node('AveragePool', ['r2'], 'a2', kernel_shape=[2, 2], strides=[2, 2])
    n.node('Concat', ['r3', 'a2'], 't3', axis=1)
    n.node('Conv', ['t3', n.weights('w4', (16, 20, 1, 1)), n.bias('b4', 16)], 'c4', kernel_shape=[1, 1])
    n.node('GlobalAveragePool', ['c4'], 'g4')
    n.node('Flatten', ['g4'], 'f4', axis=1)
    n.node('Gemm', ['f4', n.weights('w5', (12, 16)), n.bias('b5', 12)], 'm5', transB=1)
    n.node('MatMul', ['m5', n.weights('w6', (12, 10))], 'y')
    return n


def scale_and_zero_point(least, largest, lowest_code, highest_code, symmetric):
    least, largest = min(float(least), 0.0), max(float(largest), 0.0)
    if symmetric:
        largest = max(-least, largest)
        least = -largest
    scale = np.float32((largest - least) / (highest_code - lowest_code))
    if scale < np.finfo(np.float32).tiny:
        return np.float32(1), 0
    zero = (lowest_code + highest_code) / 2 if symmetric else lowest_code - least / float(scale)
    return scale, int(np.rint(zero))


class StaticQuantizer:
    def __init__(self, network, name, operators_on_codes, activation, weight, by_channel, reduced=False):
        self.float, self.on_codes, self.by_channel, self.reduced = network, operators_on_codes, by_channel, reduced
        self.activation, self.weight = activation, weight
        self.n = Network(name)
        self.output_of, self.quantization = {}, {}  # of values: what clamps and kept quantizations make of them
        self.choose_ranges([network.random.uniform(-2, 2.5, (1, 3, 12, 12)).astype(np.float32) for _ in range(8)])

    def choose_ranges(self, pictures):
        runs = [self.float.run(picture) for picture in pictures]
        for name in ['x'] + [output for _, _, output, _ in self.float.nodes]:
            values = np.concatenate([run[name].ravel() for run in runs])
            codes = np.iinfo(self.activation)
            self.quantization[name] = scale_and_zero_point(values.min(), values.max(), codes.min, codes.max, False)
        for op, inputs, output, _ in self.float.nodes:
            if op in KEPT:
                self.quantization[output] = self.quantization[self.behind_clamps(inputs[0])]

    def behind_clamps(self, value):
        """The value whose range the quantizer takes: that of the clamp that alone reads this one."""
        for op, inputs, output, _ in self.float.nodes:
            if op in CLAMPS and inputs[0] == value:
                return output
        return value

    def parameters(self, value):
        """Names of scale and zero point; made at the first call."""
        names = [value + '_scale', value + '_zero_point']
        if names[0] not in [constant.name for constant in self.n.constants]:
            scale, zero = self.quantization[value]
            self.n.constant(names[0], scale, np.float32)
            self.n.constant(names[1], zero, self.activation)
        return names

    def quantized_weights(self, name, axis):
        """Names of codes, scale and zero point; scales."""
        values = self.float.constants[name]
        signed = self.weight == np.int8
        highest = (64 if self.reduced else 127) if signed else 255
        lowest = -highest if signed else 0
        parts = np.moveaxis(values, axis, 0) if self.by_channel else [values]
        found = [scale_and_zero_point(part.min(), part.max(), lowest, highest, signed) for part in parts]
        scales = np.array([scale for scale, _ in found], np.float32)
        zeros = np.array([zero for _, zero in found], self.weight)
        along = [1] * values.ndim
        along[axis] = len(found)
        codes = np.clip(np.rint(values / scales.reshape(along)) + zeros.reshape(along).astype(int), lowest, highest)
        if not self.by_channel:
            scales, zeros = scales.reshape(()), zeros.reshape(())
        return [self.n.constant(name + '_quantized', codes, self.weight),
                self.n.constant(name + '_scale', scales, np.float32),
                self.n.constant(name + '_zero_point', zeros, self.weight)], scales

    def quantized_bias(self, name, input_value, weight_scales):
        scale = (self.quantization[input_value][0] * np.atleast_1d(weight_scales)).astype(np.float32)
        codes = np.rint(self.float.constants[name].astype(np.float64) / scale)
        return self.n.constant(name + '_quantized', codes, np.int32), scale

    def pair(self, value):
        q = self.parameters(value)
        self.n.node('QuantizeLinear', [value] + q, value + '_QuantizeLinear_Output')
        return self.n.node('DequantizeLinear', [value + '_QuantizeLinear_Output'] + q, value + '_DequantizeLinear_Output')

    def layer_of_pairs(self, op, inputs, output, attributes):
        axis = 1 if op == 'MatMul' else 0
        weights, scales = self.quantized_weights(inputs[1], axis)
        along = {'axis': axis} if self.by_channel else {}
        real = [self.output_of[inputs[0]],
                self.n.node('DequantizeLinear', weights, inputs[1] + '_DequantizeLinear_Output', **along)]
        if len(inputs) > 2:
            codes, scale = self.quantized_bias(inputs[2], inputs[0], scales)
            # One scale for all is a scalar beside weights by tensor, and a list of one elsewhere: both are in use.
            steps = self.n.constant(codes + '_scale', scale if self.by_channel else scale.reshape(()), np.float32)
            zeros = self.n.constant(codes + '_zero_point', np.zeros(scale.shape if self.by_channel else ()), np.int32)
            real.append(self.n.node('DequantizeLinear', [codes, steps, zeros], inputs[2] + '_DequantizeLinear_Output',
                                    **({'axis': 0} if self.by_channel else {})))
        self.n.node(op, real, output, **attributes)

    def layer_on_codes(self, op, inputs, output, attributes):
        weights, scales = self.quantized_weights(inputs[1], 1 if op == 'MatMul' else 0)
        operands = [self.output_of[inputs[0]]] + self.parameters(inputs[0]) + weights
        bias = [self.quantized_bias(inputs[2], inputs[0], scales)[0]] if len(inputs) > 2 else []
        if op == 'Gemm':
            self.n.node('QGemm', operands + bias + self.parameters(output), output + '_quantized', MICROSOFT, **attributes)
        else:
            self.n.node('QLinear' + op, operands + self.parameters(output) + bias, output + '_quantized', **attributes)

    def others_on_codes(self, op, inputs, output, attributes):
        codes, result = [self.output_of[i] for i in inputs], output + '_quantized'
        if op in KEPT:
            return self.n.node(op, codes, result, **attributes)
        own = [part for i, code in zip(inputs, codes) for part in [code] + self.parameters(i)]
        if op == 'Concat':
            return self.n.node('QLinearConcat', self.parameters(output) + own, result, MICROSOFT, **attributes)
        return self.n.node('QLinear' + op, own + self.parameters(output), result, MICROSOFT, **attributes)

    def write(self):
        n = self.n
        n.input('x', [1, 3, 12, 12])
        if self.on_codes:
            self.output_of['x'] = n.node('QuantizeLinear', ['x'] + self.parameters('x'), 'x_quantized')
        else:
            self.output_of['x'] = self.pair('x')
        for op, inputs, output, attributes in self.float.nodes:
            if op in CLAMPS:
                continue  # its range is that of the value before it, and the value goes by its name
            output = self.behind_clamps(output)
            if self.on_codes:
                (self.layer_on_codes if op in LAYERS else self.others_on_codes)(op, inputs, output, attributes)
                self.output_of[output] = output + '_quantized'
                continue
            if op in LAYERS:
                self.layer_of_pairs(op, inputs, output, attributes)
            else:
                n.node(op, [self.output_of[i] for i in inputs], output, **attributes)
            self.output_of[output] = self.pair(output)
        if self.on_codes:
            n.node('DequantizeLinear', ['y_quantized'] + self.parameters('y'), 'y')
            n.output('y', shape=[1, 10])
        else:
            n.output('y_DequantizeLinear_Output', shape=[1, 10])
        n.save()


if __name__ == '__main__':
    for form, on_codes in (('qdq', False), ('qoperator', True)):
        for activation in (np.uint8, np.int8):
            for by_channel in (False, True):
                # uint8 beside int8 weights is where processors without dot-product instructions saturate.
                weight = np.int8 if by_channel or activation == np.int8 else np.uint8
                name = 'static-%s-%s-by-%s' % (form, np.dtype(activation).name, 'channel' if by_channel else 'tensor')
                StaticQuantizer(small_residual_network(), name, on_codes, activation, weight, by_channel,
                                reduced=weight == np.int8).write()
