#!/usr/bin/env python3
"""Small networks in the dialects of other tools, for the tests of the importer.

    python3 make_networks.py        # writes networks/*.onnx beside this file (Debian: python3-onnx, python3-numpy)

The files are committed, so that the tests need no Python; this script says how they came about. They follow the
conventions of ONNX Runtime's own quantizer (names, asymmetric uint8 activations, symmetric int8 weights by tensor and by
channel, int32 biases of scale x_scale * w_scale, QOperator and QDQ format) and of the exporters of Brevitas (QCDQ, QONNX).
Weights are random, from a fixed seed.
"""
import os
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'networks')
MICROSOFT, QONNX, BREVITAS, FINN = 'com.microsoft', 'qonnx.custom_op.general', 'onnx.brevitas', 'finn.custom_op.general'


class Network:
    """Nodes and initialisers one after another; every method gives the name of what it made."""

    def __init__(self, name, seed=1, opset=17):
        self.name, self.opset = name, opset
        self.random = np.random.RandomState(seed)
        self.nodes, self.constants, self.inputs, self.outputs, self.domains = [], [], [], [], set()

    def input(self, name, shape, kind=TensorProto.FLOAT):
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, name, kind=TensorProto.FLOAT, shape=None):
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def constant(self, name, values, dtype):
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype=dtype), name))
        return name

    def packed(self, name, codes, bits, signed):
        """Codes of 4 or 2 bit, which this version of the onnx package does not know by name."""
        codes = np.asarray(codes)
        tensor = TensorProto()
        tensor.name = name
        tensor.data_type = {(4, False): 21, (4, True): 22, (2, False): 25, (2, True): 26}[bits, signed]
        tensor.dims.extend(codes.shape)
        flat, each = codes.ravel() & ((1 << bits) - 1), 8 // bits
        flat = np.concatenate([flat, np.zeros(-len(flat) % each, dtype=flat.dtype)]).reshape(-1, each)
        tensor.raw_data = bytes(int(sum(int(code) << (bits * i) for i, code in enumerate(row))) for row in flat)
        self.constants.append(tensor)
        return name

    def node(self, op, inputs, output, domain='', **attributes):
        if domain:
            self.domains.add(domain)
        self.nodes.append(helper.make_node(op, inputs, [output], name=output + '_' + op, domain=domain, **attributes))
        return output

    def scale(self, name, value):
        return self.constant(name + '_scale', np.float32(value), np.float32)

    def zero(self, name, value, dtype=np.uint8):
        return self.constant(name + '_zero_point', value, dtype)

    def quantization(self, name, scale, zero, dtype=np.uint8):
        return [self.scale(name, scale), self.zero(name, zero, dtype)]

    def quantize(self, x, scale, zero, dtype=np.uint8):
        return self.node('QuantizeLinear', [x] + self.quantization(x, scale, zero, dtype), x + '_quantized')

    def weights(self, name, shape, by_channel=None, dtype=np.int8, zero=0, lowest=None, highest=None):
        """Codes, scale and zero point; by_channel: the axis of the output channels."""
        lowest = np.iinfo(dtype).min + (1 if dtype == np.int8 else 0) if lowest is None else lowest
        highest = np.iinfo(dtype).max if highest is None else highest
        codes = self.constant(name + '_quantized', self.random.randint(lowest, highest + 1, shape), dtype)
        if by_channel is None:
            return [codes, self.scale(name, 0.00731), self.zero(name, zero, dtype)]
        channels = shape[by_channel]
        scales = self.random.uniform(0.002, 0.01, channels).astype(np.float32)
        zeros = np.zeros(channels, dtype) if np.isscalar(zero) else np.asarray(zero, dtype)
        return [codes, self.constant(name + '_scale', scales, np.float32),
                self.constant(name + '_zero_point', zeros, dtype)]

    def bias(self, name, channels, reach=3000):
        return self.constant(name + '_bias_quantized', self.random.randint(-reach, reach, channels), np.int32)

    def save(self, ir_version=8):
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.constants)
        opsets = [helper.make_opsetid('', self.opset)] + [helper.make_opsetid(d, 1) for d in sorted(self.domains)]
        model = helper.make_model(graph, opset_imports=opsets, producer_name='make_networks.py')
        model.ir_version = ir_version
        path = os.path.join(FOLDER, self.name + '.onnx')
        onnx.save(model, path)


def dequantize(network, codes, scale, zero, output, **attributes):
    return network.node('DequantizeLinear', [codes, scale, zero], output, **attributes)


def qoperator_products():
    """QLinearConv by channel and by tensor with asymmetric weights, groups, MaxPool on codes, QGemm, QLinearMatMul."""
    n = Network('qoperator-products', 11)
    x = n.quantize(n.input('x', [1, 3, 12, 12]), 0.0217, 117)
    c1 = n.quantization('c1', 0.0413, 97)
    n.node('QLinearConv', [x, 'x_scale', 'x_zero_point'] + n.weights('w1', (8, 3, 3, 3), 0) + c1 + [n.bias('w1', 8)],
           'c1_quantized', kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    n.node('MaxPool', ['c1_quantized'], 'p1_quantized', kernel_shape=[2, 2], strides=[2, 2])
    c2 = n.quantization('c2', 0.0377, 3)
    n.node('QLinearConv', ['p1_quantized'] + c1 + n.weights('w2', (8, 2, 3, 3), None, np.uint8, 121) + c2 +
           [n.bias('w2', 8)], 'c2_quantized', kernel_shape=[3, 3], group=4, strides=[1, 1], pads=[0, 1, 2, 1],
           dilations=[1, 2])
    g = n.quantization('g', 0.0119, 40)
    n.node('QLinearGlobalAveragePool', ['c2_quantized'] + c2 + g, 'g_quantized', MICROSOFT, channels_last=0)
    n.node('Flatten', ['g_quantized'], 'f_quantized', axis=1)
    m = n.quantization('m', 0.0171, 130)
    n.node('QLinearMatMul', ['f_quantized'] + g + n.weights('w3', (8, 16), 1) + m, 'm_quantized')
    q = n.quantization('q', 0.0333, 128)
    n.node('QGemm', ['m_quantized'] + m + n.weights('w4', (10, 16), 0) + [n.bias('w4', 10, 500)] + q, 'q_quantized',
           MICROSOFT, transB=1, alpha=1.0)
    n.output(dequantize(n, 'q_quantized', *q, 'y'), shape=[1, 10])
    n.save()


def qoperator_vector():
    """QLinearAdd, QLinearMul, QLinearConcat, QLinearSigmoid, QLinearLeakyRelu, QLinearAveragePool between convolutions."""
    n = Network('qoperator-vector', 12)
    x = n.quantize(n.input('x', [1, 4, 8, 8]), 0.03, 128)
    xs = ['x_quantized', 'x_scale', 'x_zero_point']
    a, b = n.quantization('a', 0.021, 110), n.quantization('b', 0.033, 140)
    n.node('QLinearConv', xs + n.weights('wa', (8, 4, 1, 1), 0) + a, 'a_quantized', kernel_shape=[1, 1])
    n.node('QLinearConv', xs + n.weights('wb', (8, 4, 3, 3), None) + b + [n.bias('wb', 8)], 'b_quantized',
           kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    s = n.quantization('s', 0.047, 120)
    n.node('QLinearAdd', ['a_quantized'] + a + ['b_quantized'] + b + s, 's_quantized', MICROSOFT)
    l = n.quantization('l', 0.029, 11)
    n.node('QLinearLeakyRelu', ['s_quantized'] + s + l, 'l_quantized', MICROSOFT, alpha=0.1)
    o = n.quantization('o', 1 / 256, 0)
    n.node('QLinearSigmoid', ['s_quantized'] + s + o, 'o_quantized', MICROSOFT)
    m = n.quantization('m', 0.0201, 9)
    n.node('QLinearMul', ['l_quantized'] + l + ['o_quantized'] + o + m, 'm_quantized', MICROSOFT)
    c = n.quantization('c', 0.031, 100)
    n.node('QLinearConcat', c + ['m_quantized'] + m + ['a_quantized'] + a, 'c_quantized', MICROSOFT, axis=1)
    p = n.quantization('p', 0.0251, 60)
    n.node('QLinearAveragePool', ['c_quantized'] + c + p, 'p_quantized', MICROSOFT, kernel_shape=[2, 2], strides=[2, 2])
    n.output(dequantize(n, 'p_quantized', *p, 'y'), shape=[1, 16, 4, 4])
    n.save()


def qdq(name, activation, by_channel, seed):
    """The same ideas in QDQ format: Conv, Relu, MaxPool, Add, GlobalAveragePool, Gemm between pairs."""
    n = Network(name, seed)
    signed = activation == np.int8
    centre = -128 if signed else 0

    def pair(value, scale, zero):
        q = n.quantization(value, scale, zero + centre, activation)
        n.node('QuantizeLinear', [value] + q, value + '_QuantizeLinear_Output')
        return dequantize(n, value + '_QuantizeLinear_Output', *q, value + '_DequantizeLinear_Output')

    def layer(x, x_scale, weight, shape, op, output, **attributes):
        w = n.weights(weight, shape, 0 if by_channel else None)
        scales = numpy_helper.to_array(n.constants[-2])
        real = dequantize(n, *w, weight + '_DequantizeLinear_Output', axis=0)
        bias = n.bias(weight, shape[0])
        steps = n.constant(weight + '_bias_scale', np.float32(x_scale) * scales, np.float32)
        zeros = n.constant(weight + '_bias_zero_point', np.zeros(np.shape(scales)), np.int32)
        b = dequantize(n, bias, steps, zeros, weight + '_bias_DequantizeLinear_Output', axis=0)
        return n.node(op, [x, real, b], output, **attributes)

    x = pair(n.input('x', [1, 3, 10, 10]), 0.0195, 121)
    c = layer(x, 0.0195, 'w1', (8, 3, 3, 3), 'Conv', 'c1', kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    r = pair(n.node('Relu', [c], 'r1'), 0.0241, 0)
    m = pair(n.node('MaxPool', [r], 'm1', kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]), 0.0241, 0)
    d = pair(layer(m, 0.0241, 'w2', (8, 8, 3, 3), 'Conv', 'c2', kernel_shape=[3, 3], pads=[1, 1, 1, 1]), 0.0391, 133)
    s = pair(n.node('Add', [d, m], 's1'), 0.0411, 101)
    g = pair(n.node('GlobalAveragePool', [s], 'g1'), 0.0133, 77)
    f = n.node('Flatten', [g], 'f1', axis=1)
    y = pair(layer(f, 0.0133, 'w3', (10, 8), 'Gemm', 'y0', transB=1), 0.0077, 127)
    n.output(y, shape=[1, 10])
    n.save()


def qdq_few_bits():
    """QDQ tensors of 4 and 2 bit, signed and not (opsets 21 and 25)."""
    n = Network('qdq-few-bits', 15, opset=25)

    def pair(value, scale, zero, bits, signed):
        q = [n.scale(value, scale), n.packed(value + '_zero_point', [zero], bits, signed)]
        n.constants[-1].dims.pop()
        n.node('QuantizeLinear', [value] + q, value + '_quantized')
        return dequantize(n, value + '_quantized', *q, value + '_real')

    def weights(name, shape, scale, bits, signed, zero):
        low = -(1 << (bits - 1)) if signed else 0
        codes = n.packed(name, n.random.randint(low, low + (1 << bits), shape), bits, signed)
        zeros = n.packed(name + '_zero_point', [zero], bits, signed)
        n.constants[-1].dims.pop()
        return dequantize(n, codes, n.scale(name, scale), zeros, name + '_real')

    x = pair(n.input('x', [1, 4, 8, 8]), 0.13, 7, 4, False)
    c = n.node('Conv', [x, weights('w1', (8, 4, 3, 3), 0.11, 4, True, 0)], 'c1', kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    d = pair(c, 0.31, -1, 4, True)
    e = n.node('Conv', [d, weights('w2', (8, 8, 3, 3), 0.23, 2, True, 0)], 'c2', kernel_shape=[3, 3])
    f = pair(e, 0.9, 1, 2, False)
    g = n.node('Conv', [f, weights('w3', (8, 8, 1, 1), 0.17, 2, False, 2)], 'c3', kernel_shape=[1, 1])
    n.output(pair(g, 0.21, 0, 2, True), shape=[1, 8, 6, 6])
    n.save(ir_version=12)


def integer_input():
    """The network's input is codes already, and so is its output."""
    n = Network('integer-input', 16)
    x = n.input('x', [1, 3, 9, 9], TensorProto.UINT8)
    xs = n.quantization('x', 1 / 255, 0)
    a = n.quantization('a', 0.0131, 122)
    n.node('QLinearConv', [x] + xs + n.weights('w1', (8, 3, 3, 3), 0) + a + [n.bias('w1', 8)], 'a_quantized',
           kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    y = n.quantization('y', 0.0213, 111)
    n.node('QLinearConv', ['a_quantized'] + a + n.weights('w2', (6, 8, 1, 1), 0) + y, 'y_quantized', kernel_shape=[1, 1])
    n.output('y_quantized', TensorProto.UINT8, [1, 6, 5, 5])
    n.save()


def integer_input_pooled():
    """int8 codes with a zero point of their own, pooled and padded before anything says what they mean."""
    n = Network('integer-input-pooled', 17)
    x = n.input('x', [1, 4, 10, 10], TensorProto.INT8)
    n.node('MaxPool', [x], 'p', kernel_shape=[2, 2], strides=[2, 2])
    real = dequantize(n, 'p', *n.quantization('x', 0.0312, -13, np.int8), 'p_real')
    w = n.weights('w1', (8, 4, 3, 3), 0)
    c = n.node('Conv', [real, dequantize(n, *w, 'w1_real', axis=0)], 'c', kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    q = n.quantization('c', 0.0517, 5, np.int8)
    n.node('QuantizeLinear', [c] + q, 'c_quantized')
    n.output(dequantize(n, 'c_quantized', *q, 'y'), shape=[1, 8, 5, 5])
    n.save()


def integer_products():
    """ConvInteger and MatMulInteger with their float tails, quantized again behind: scales of activations are constants."""
    n = Network('integer-products', 18)
    x = n.quantize(n.input('x', [1, 3, 8, 8]), 0.0219, 119)
    w = n.weights('w1', (8, 3, 3, 3), None)
    n.node('ConvInteger', [x, w[0], 'x_zero_point', w[2]], 'c_sum', kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    n.node('Cast', ['c_sum'], 'c_cast', to=TensorProto.FLOAT)
    n.node('Mul', ['c_cast', n.constant('c_scales', np.float32(0.0219) * np.float32(0.00731), np.float32)], 'c_scaled')
    n.node('Add', ['c_scaled', n.constant('c_bias', n.random.uniform(-1, 1, (1, 8, 1, 1)), np.float32)], 'c')
    n.node('Relu', ['c'], 'r')
    n.node('QuantizeLinear', ['r'] + n.quantization('r', 0.0281, 0), 'r_quantized')
    n.node('Flatten', ['r_quantized'], 'f_quantized', axis=1)
    w = n.weights('w2', (512, 10), None)
    n.node('MatMulInteger', ['f_quantized', w[0], 'r_zero_point', w[2]], 'm_sum')
    n.node('Cast', ['m_sum'], 'm_cast', to=TensorProto.FLOAT)
    scales = n.constant('m_scales', n.random.uniform(0.0001, 0.0002, 10), np.float32)
    n.node('Mul', ['m_cast', scales], 'm_scaled')
    n.node('Add', [n.constant('m_bias', n.random.uniform(-1, 1, 10), np.float32), 'm_scaled'], 'm')
    q = n.quantization('m', 0.0519, 128)
    n.node('QuantizeLinear', ['m'] + q, 'm_quantized')
    n.output(dequantize(n, 'm_quantized', *q, 'y'), shape=[1, 10])
    n.save()


def qcdq():
    """Brevitas' QCDQ: a Clip of the codes between the two halves of a pair narrows the range (4, 3 and 2 bit)."""
    n = Network('qcdq', 19)

    def pair(value, scale, lowest, highest, dtype, codes=None):
        q = n.quantization(value, scale, 0, dtype)
        if codes is None:
            codes = n.node('QuantizeLinear', [value] + q, value + '_codes')
        bounds = [n.constant(value + '_lowest', lowest, dtype), n.constant(value + '_highest', highest, dtype)]
        n.node('Clip', [codes] + bounds, value + '_clipped')
        return dequantize(n, value + '_clipped', *q, value + '_real')

    def weights(name, shape, scale, lowest, highest):
        values = n.random.uniform(lowest - 1, highest + 1, shape) * scale
        return pair(n.constant(name, values, np.float32), scale, lowest, highest, np.int8)

    x = pair(n.input('x', [1, 3, 8, 8]), 0.0173, -127, 127, np.int8)
    c = n.node('Conv', [x, weights('w1', (8, 3, 3, 3), 0.13, -7, 7)], 'c1', kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    r = pair(n.node('Relu', [c], 'r1'), 0.41, 0, 15, np.uint8)
    d = n.node('Conv', [r, weights('w2', (8, 8, 3, 3), 0.3, -3, 3)], 'c2', kernel_shape=[3, 3])
    e = pair(d, 2.3, -4, 3, np.int8)
    f = n.node('Conv', [e, weights('w3', (8, 8, 1, 1), 0.21, -1, 1)], 'c3', kernel_shape=[1, 1])
    n.output(pair(f, 1.7, -2, 1, np.int8), shape=[1, 8, 6, 6])
    n.save()


class Qonnx(Network):
    """Brevitas' way: quantizers are nodes between float numbers, of weights as of activations."""

    domain = QONNX

    def number(self, name, value):
        return self.constant(name, np.float32(value), np.float32)

    def quant(self, value, scale, bits, signed=1, narrow=0, zero=0, rounding='ROUND'):
        return self.node('Quant', [value, self.constant(value + '_s', scale, np.float32), self.number(value + '_z', zero),
                                   self.number(value + '_b', bits)], value + '_q', self.domain,
                         signed=signed, narrow=narrow, rounding_mode=rounding)

    def real(self, name, shape, reach=1.0):
        return self.constant(name, self.random.uniform(-reach, reach, shape), np.float32)

    def normalization(self, x, channels, output, spread=1.0):
        names = [self.constant(output + '_gamma', self.random.uniform(-1.5, 1.5, channels), np.float32),
                 self.constant(output + '_beta', self.random.uniform(-1, 1, channels), np.float32),
                 self.constant(output + '_mean', self.random.uniform(-1, 1, channels) * spread, np.float32),
                 self.constant(output + '_variance', self.random.uniform(0.3, 2, channels) * spread, np.float32)]
        return self.node('BatchNormalization', [x] + names, output, epsilon=1e-5)


def qonnx_convolutions():
    """Widths of 3, 4, 5 and 8 bit, scales that are no powers of two, weights by channel, zero points, float biases, batch
    normalisation before and after quantizers, average pools, a residual sum, and an output without a quantizer."""
    n = Qonnx('qonnx-convolutions', 31)
    x = n.quant(n.input('x', [1, 3, 10, 10]), 0.0171, 8)
    scales = n.random.uniform(0.01, 0.05, (8, 1, 1, 1))
    w = n.quant(n.real('w1', (8, 3, 3, 3)), scales, 4, narrow=1)
    c = n.node('Conv', [x, w, n.real('b1', 8)], 'c1', kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    c = n.normalization(c, 8, 'n1', 2.0)
    c = n.quant(n.node('Relu', [c], 'r1'), 0.0873, 4, signed=0)
    w = n.quant(n.real('w2', (8, 8, 3, 3)), 0.31, 3)
    d = n.node('Conv', [c, w], 'c2', kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    d = n.quant(n.normalization(d, 8, 'n2', 3.0), 0.0873, 4, signed=0, zero=5)
    s = n.node('Add', [c, d], 's1')
    s = n.quant(s, 0.1231, 5, signed=0)
    m = n.node('MaxPool', [s], 'm1', kernel_shape=[2, 2], strides=[2, 2])
    m = n.quant(n.normalization(m, 8, 'n3'), 0.0931, 4, zero=-3)
    w = n.quant(n.real('w3', (12, 4, 1, 1)), 0.21, 2)
    e = n.quant(n.node('Conv', [m, w], 'c3', kernel_shape=[1, 1], group=2), 0.177, 8)
    g = n.quant(n.node('GlobalAveragePool', [e], 'g1'), 0.391, 4, zero=-1)
    f = n.node('Flatten', [g], 'f1', axis=1)
    w = n.quant(n.real('w4', (6, 12)), n.random.uniform(0.1, 0.4, (6, 1)), 4, narrow=1)
    n.output(n.node('Gemm', [f, w, n.real('b4', 6)], 'y', transB=1), shape=[1, 6])
    n.save()


def qonnx_signs():
    """BipolarQuant and Sign as activations, bipolar and ternary weights, ties in every sum, old domain names."""
    n = Qonnx('qonnx-signs', 32)
    n.domain = FINN
    x = n.quant(n.input('x', [1, 24]), 0.25, 2, narrow=1)
    w = n.node('BipolarQuant', [n.real('w1', (24, 16)), n.number('w1_s', 0.5)], 'w1_q', FINN)
    c = n.normalization(n.node('MatMul', [x, w], 'c1'), 16, 'n1')
    b = n.node('BipolarQuant', [c, n.number('b1_s', 1.0)], 'b1', FINN)
    w = n.quant(n.real('w2', (16, 16), 2), 1.0, 2, narrow=1)
    d = n.node('Sign', [n.node('MatMul', [b, w], 'c2')], 'd2')
    w = n.quant(n.real('w3', (16, 16), 2), 0.75, 1)
    e = n.node('MatMul', [d, w], 'c3')
    e = n.quant(n.node('Sub', [n.node('Div', [e, n.number('d3', 3.0)], 'e3'), n.number('o3', 0.25)], 'f3'), 0.5, 1)
    w = n.quant(n.real('w4', (16, 8), 2), 0.5, 2)
    n.output(n.quant(n.node('MatMul', [e, w], 'c4'), 0.5, 2), shape=[1, 8])
    n.save()


def qonnx_roundings():
    """Trunc behind an average pool, quantizers that round down and up, an affine input, the domain onnx.brevitas."""
    n = Qonnx('qonnx-roundings', 33)
    n.domain = BREVITAS
    x = n.input('x', [1, 2, 8, 8])
    x = n.node('Sub', [n.node('Mul', [x, n.number('two', 2.0)], 'x2'), n.constant('mean', [[[0.5]], [[0.25]]], np.float32)],
               'x3')
    x = n.quant(x, 0.0625, 4)
    w = n.quant(n.real('w1', (4, 2, 3, 3)), 0.125, 4)
    c = n.quant(n.node('Conv', [x, w], 'c1', kernel_shape=[3, 3], pads=[1, 1, 1, 1]), 0.0703125, 4, signed=0, rounding='FLOOR')
    w = n.quant(n.real('w2', (4, 4, 1, 1)), 0.25, 3, rounding='CEIL')
    d = n.quant(n.node('Conv', [c, w], 'c2', kernel_shape=[1, 1]), 0.0625, 6, signed=0, rounding='CEIL')
    a = n.node('AveragePool', [d], 'a1', kernel_shape=[4, 4], strides=[4, 4])
    a = n.node('Mul', [a, n.number('sixteen', 16.0)], 'a2')
    t = n.node('Trunc', [a, n.number('a2_s', 0.0625), n.number('a2_z', 0), n.number('a2_i', 10), n.number('a2_o', 6)],
               'a2_t', BREVITAS, rounding_mode='FLOOR')
    n.output(n.node('Flatten', [t], 'y', axis=1), shape=[1, 16])
    n.save()


if __name__ == '__main__':
    os.makedirs(FOLDER, exist_ok=True)
    qoperator_products()
    qoperator_vector()
    qdq('qdq-by-tensor', np.uint8, False, 13)
    qdq('qdq-by-channel', np.int8, True, 14)
    qdq_few_bits()
    integer_input()
    integer_input_pooled()
    integer_products()
    qcdq()
    qonnx_convolutions()
    qonnx_signs()
    qonnx_roundings()
