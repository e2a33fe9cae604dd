"""How other libraries call what sheetgen has: docs/names.md is made of this, with what messages say to write.

`python tests/names_elsewhere.py torch keras` prints those that these libraries, installed for it, don't have: they are
too large for the tests' environment.
"""

from __future__ import annotations

import importlib
import operator
import sys

LIBRARIES = ("numpy, Python, textbooks", "PyTorch", "Keras and TensorFlow")

FUNCTIONS: dict[str, list[tuple[str, str, str]]] = {
    "Products and arithmetic": [
        ("np.matmul np.dot", "torch.matmul torch.mm torch.bmm torch.mv x.dot", "keras.ops.matmul keras.ops.dot"),
        ("np.outer", "torch.outer", "keras.ops.outer"),
        ("", "F.linear", "keras.layers.Dense"),
        ("np.transpose", "torch.t torch.transpose", "keras.ops.transpose"),
        ("np.add", "torch.add", "keras.ops.add"),
        ("np.subtract", "torch.sub", "keras.ops.subtract"),
        ("np.multiply", "torch.mul", "keras.ops.multiply"),
        ("np.divide np.true_divide", "torch.div torch.true_divide", "keras.ops.divide"),
        ("np.power np.float_power", "torch.pow torch.float_power", "keras.ops.power"),
        ("np.negative", "torch.neg", "keras.ops.negative"),
        ("np.reciprocal", "torch.reciprocal", "keras.ops.reciprocal"),
        ("", "torch.rsqrt", "keras.ops.rsqrt"),
        ("np.greater", "torch.gt torch.greater", "keras.ops.greater"),
        ("np.greater_equal", "torch.ge torch.greater_equal", "keras.ops.greater_equal"),
        ("np.less", "torch.lt torch.less", "keras.ops.less"),
        ("np.less_equal", "torch.le torch.less_equal", "keras.ops.less_equal"),
        ("np.equal", "torch.eq", "keras.ops.equal"),
        ("np.not_equal", "torch.ne torch.not_equal", "keras.ops.not_equal"),
        ("np.logical_and", "torch.logical_and", "keras.ops.logical_and"),
        ("np.logical_or", "torch.logical_or", "keras.ops.logical_or"),
        ("np.logical_not", "torch.logical_not", "keras.ops.logical_not"),
        ("np.heaviside", "torch.heaviside", ""),
        ("np.where", "torch.where", "keras.ops.where"),
    ],
    "Cell by cell": [
        ("np.exp", "torch.exp", "keras.ops.exp"),
        ("np.exp2", "torch.exp2", "keras.ops.exp2"),
        ("np.expm1", "torch.expm1", "keras.ops.expm1"),
        ("np.log", "torch.log", "keras.ops.log"),
        ("ln", "", ""),
        ("np.log2", "torch.log2", "keras.ops.log2"),
        ("np.log10", "torch.log10", "keras.ops.log10"),
        ("np.log1p", "torch.log1p", "keras.ops.log1p"),
        ("np.logaddexp", "torch.logaddexp", "keras.ops.logaddexp"),
        ("logit", "torch.logit", ""),
        ("np.sqrt", "torch.sqrt", "keras.ops.sqrt"),
        ("np.square", "torch.square", "keras.ops.square"),
        ("np.abs np.absolute np.fabs", "torch.abs torch.absolute", "keras.ops.abs keras.ops.absolute"),
        ("np.sign", "torch.sign", "keras.ops.sign"),
        ("np.floor", "torch.floor", "keras.ops.floor"),
        ("np.ceil", "torch.ceil", "keras.ops.ceil"),
        ("np.round np.around np.rint", "torch.round", "keras.ops.round"),
        ("np.mod np.remainder", "torch.remainder", "keras.ops.mod"),
        ("np.clip", "torch.clamp torch.clip", "keras.ops.clip tf.clip_by_value"),
        ("np.maximum np.fmax", "torch.maximum torch.fmax", "keras.ops.maximum"),
        ("np.minimum np.fmin", "torch.minimum torch.fmin", "keras.ops.minimum"),
        ("np.sin", "torch.sin", "keras.ops.sin"),
        ("np.cos", "torch.cos", "keras.ops.cos"),
        ("np.tan", "torch.tan", "keras.ops.tan"),
        ("np.sinh", "torch.sinh", "keras.ops.sinh"),
        ("np.cosh", "torch.cosh", "keras.ops.cosh"),
        ("np.arctanh", "torch.atanh torch.arctanh", "keras.ops.arctanh"),
        ("math.erf", "torch.erf", "keras.ops.erf"),
        ("math.erfc", "torch.erfc", ""),
        ("", "", "tf.stop_gradient keras.ops.stop_gradient"),
        ("", "x.detach", ""),
    ],
    "Activations": [
        ("", "nn.ReLU F.relu", "keras.ops.relu"),
        ("", "nn.ReLU6 F.relu6", "keras.ops.relu6"),
        ("", "nn.LeakyReLU F.leaky_relu", "keras.ops.leaky_relu"),
        ("", "nn.PReLU F.prelu", "keras.layers.PReLU"),
        ("np.tanh", "torch.tanh nn.Tanh", "keras.ops.tanh"),
        ("logistic scipy.special.expit", "torch.sigmoid nn.Sigmoid", "keras.ops.sigmoid"),
        ("", "nn.LogSigmoid F.logsigmoid", "keras.ops.log_sigmoid"),
        ("", "nn.Hardsigmoid F.hardsigmoid", "keras.ops.hard_sigmoid"),
        ("", "nn.Hardtanh F.hardtanh", "keras.ops.hard_tanh"),
        ("", "nn.Hardswish F.hardswish", "keras.ops.hard_silu keras.ops.hard_swish"),
        ("", "nn.SiLU F.silu", "keras.ops.silu keras.ops.swish"),
        ("", "nn.GELU F.gelu", "keras.ops.gelu"),
        ("", "nn.ELU F.elu", "keras.ops.elu"),
        ("", "nn.SELU F.selu", "keras.ops.selu"),
        ("", "nn.Mish F.mish", "keras.activations.mish"),
        ("", "nn.Softplus F.softplus", "keras.ops.softplus"),
        ("", "nn.Softsign F.softsign", "keras.ops.softsign"),
        ("", "nn.Tanhshrink F.tanhshrink", "keras.ops.tanh_shrink"),
        ("scipy.special.softmax", "torch.softmax nn.Softmax", "keras.ops.softmax"),
        ("scipy.special.log_softmax", "torch.log_softmax nn.LogSoftmax", "keras.ops.log_softmax"),
        ("", "nn.Softmin F.softmin", ""),
        ("", "nn.GLU F.glu", "keras.ops.glu"),
        ("swiglu", "", ""),
    ],
    "Rows and columns": [
        ("np.sum np.nansum math.fsum", "torch.sum torch.nansum", "keras.ops.sum tf.reduce_sum"),
        ("np.mean np.average np.nanmean", "torch.mean torch.nanmean", "keras.ops.mean tf.reduce_mean"),
        ("np.max np.amax np.nanmax", "torch.max torch.amax", "keras.ops.max tf.reduce_max"),
        ("np.min np.amin np.nanmin", "torch.min torch.amin", "keras.ops.min tf.reduce_min"),
        ("np.argmax", "torch.argmax", "keras.ops.argmax"),
        ("np.argmin", "torch.argmin", "keras.ops.argmin"),
        ("np.prod", "torch.prod", "keras.ops.prod"),
        ("np.cumsum", "torch.cumsum", "keras.ops.cumsum"),
        ("np.cumprod", "torch.cumprod", "keras.ops.cumprod"),
        ("np.median np.nanmedian", "", "keras.ops.median"),
        ("np.sort", "torch.sort", "keras.ops.sort"),
        ("np.argsort", "torch.argsort", "keras.ops.argsort"),
        ("np.var variance", "torch.var", "keras.ops.var"),
        ("np.std", "torch.std", "keras.ops.std"),
        ("np.linalg.norm", "torch.norm torch.linalg.norm", "keras.ops.norm"),
        ("scipy.special.logsumexp", "torch.logsumexp", "keras.ops.logsumexp"),
        ("np.trace", "torch.trace", "keras.ops.trace"),
        ("", "F.cosine_similarity nn.CosineSimilarity", ""),
        ("", "F.layer_norm nn.LayerNorm", "keras.layers.LayerNormalization"),
        ("", "F.batch_norm nn.BatchNorm1d", "keras.layers.BatchNormalization"),
        ("", "F.dropout", ""),
        ("", "F.rms_norm nn.RMSNorm", "keras.layers.RMSNormalization"),
        ("", "F.group_norm nn.GroupNorm", "keras.layers.GroupNormalization"),
    ],
    "Losses": [
        ("", "nn.MSELoss F.mse_loss", "keras.losses.MeanSquaredError"),
        ("mae", "nn.L1Loss F.l1_loss", "keras.losses.MeanAbsoluteError"),
        ("", "nn.SmoothL1Loss F.smooth_l1_loss", ""),
        ("", "nn.HuberLoss F.huber_loss", "keras.losses.Huber"),
        ("hinge_loss", "", "keras.losses.Hinge"),
        ("", "", "keras.losses.CategoricalCrossentropy"),
        ("", "", "keras.losses.SparseCategoricalCrossentropy"),
        ("", "nn.CrossEntropyLoss F.cross_entropy", ""),
        ("bce", "nn.BCELoss F.binary_cross_entropy", "keras.losses.BinaryCrossentropy"),
        ("", "nn.BCEWithLogitsLoss F.binary_cross_entropy_with_logits", ""),
        ("", "nn.NLLLoss F.nll_loss", ""),
        ("", "F.kl_div", ""),
    ],
    "Windows and look-up": [
        ("", "F.conv2d", ""),
        ("", "F.conv1d", ""),
        ("", "F.conv_transpose2d", "keras.layers.Conv2DTranspose"),
        ("", "F.conv_transpose1d", "keras.layers.Conv1DTranspose"),
        ("", "nn.MaxPool2d F.max_pool2d", "keras.layers.MaxPooling2D"),
        ("", "nn.AvgPool2d F.avg_pool2d", "keras.layers.AveragePooling2D"),
        ("", "nn.AdaptiveMaxPool2d F.adaptive_max_pool2d", "keras.layers.GlobalMaxPooling2D"),
        ("", "nn.AdaptiveAvgPool2d F.adaptive_avg_pool2d", "keras.layers.GlobalAveragePooling2D"),
        ("", "nn.Embedding F.embedding", "keras.layers.Embedding"),
        ("", "F.one_hot", "keras.ops.one_hot"),
        ("", "torch.topk", "keras.ops.top_k"),
        ("np.take_along_axis", "torch.gather torch.take_along_dim", "keras.ops.take_along_axis"),
    ],
    "Shapes": [
        ("np.reshape", "torch.reshape x.view", "keras.ops.reshape"),
        ("np.ravel", "torch.flatten torch.ravel", "keras.layers.Flatten keras.ops.ravel"),
        ("", "nn.Upsample F.interpolate", "keras.layers.UpSampling2D"),
        ("np.vstack", "torch.vstack", "keras.ops.vstack"),
        ("np.hstack", "torch.hstack", "keras.ops.hstack"),
        ("np.tril", "torch.tril", "keras.ops.tril"),
        ("np.triu", "torch.triu", "keras.ops.triu"),
        ("np.diag", "torch.diag", "keras.ops.diag"),
        ("np.zeros", "torch.zeros", "keras.ops.zeros"),
        ("np.ones", "torch.ones", "keras.ops.ones"),
        ("np.eye np.identity", "torch.eye", "keras.ops.eye keras.ops.identity"),
        ("np.full((2,3),7)", "torch.full((2,3),7)", "keras.ops.full((2,3),7)"),
        ("np.zeros_like", "torch.zeros_like", "keras.ops.zeros_like"),
        ("np.ones_like", "torch.ones_like", "keras.ops.ones_like"),
    ],
}  # fmt: skip
"""By section: what each library calls the same function."""

OTHERWISE: list[str] = [
    "np.concatenate np.concat np.append np.stack np.column_stack row_stack np.dstack torch.cat torch.stack",
    "np.array np.asarray np.matrix np.arange np.linspace torch.tensor torch.as_tensor nn.Parameter tf.Variable",
    "np.random.rand np.random.randn np.random.randint np.random.normal np.random.uniform np.random.random",
    "len np.shape np.size np.ndim torch.numel",
    "float int np.short x.double x.item x.numpy x.cpu x.cuda x.to x.astype np.asmatrix np.copy torch.clone",
    "torch.no_grad x.requires_grad x.data",
    "L.backward tape.gradient",
    "torch.unsqueeze np.expand_dims np.squeeze np.newaxis x.expand np.broadcast_to np.tile np.repeat",
    "print plt.show display",
    "range enumerate",
]
"""Names for which a spec has no function, with one answer each."""

LAYERS: list[tuple[str, str, str]] = [
    ("linear: 4", "nn.Linear(3, 4)", "Dense(4)"),
    ("relu", "nn.ReLU()", "ReLU()"),
    ("leaky_relu", "nn.LeakyReLU()", "LeakyReLU()"),
    ("sigmoid", "nn.Sigmoid()", 'Activation("sigmoid")'),
    ("hard_sigmoid", "nn.Hardsigmoid()", 'Activation("hard_sigmoid")'),
    ("tanh", "nn.Tanh()", 'Activation("tanh")'),
    ("gelu", "nn.GELU()", 'Activation("gelu")'),
    ("silu", "nn.SiLU()", 'Activation("swish")'),
    ("softplus", "nn.Softplus()", 'Activation("softplus")'),
    ("elu", "nn.ELU()", "ELU()"),
    ("selu", "nn.SELU()", 'Activation("selu")'),
    ("mish", "nn.Mish()", 'Activation("mish")'),
    ("softsign", "nn.Softsign()", 'Activation("softsign")'),
    ("softmax", "nn.Softmax(dim=1)", "Softmax()"),
    ("layer_norm", "nn.LayerNorm(4)", "LayerNormalization()"),
    ("batch_norm", "nn.BatchNorm1d(4)", "BatchNormalization()"),
    ("dropout: 0.25", "nn.Dropout(0.25)", "Dropout(0.25)"),
    ("rms_norm", "nn.RMSNorm(4)", "RMSNormalization()"),
    ("conv2d: {out: 8, size: 2}", "nn.Conv2d(3, 8, 2)", "Conv2D(8, 2)"),
    ("depthwise_conv2d: 2", "", "DepthwiseConv2D(2)"),
    ("conv_transpose2d: 8", "nn.ConvTranspose2d(3, 8, 2, 2)", "Conv2DTranspose(8, 2, 2)"),
    ("max_pool", "nn.MaxPool2d(2)", "MaxPooling2D()"),
    ("avg_pool", "nn.AvgPool2d(2)", "AveragePooling2D()"),
    ("global_avg_pool", "nn.AdaptiveAvgPool2d(1)", "GlobalAveragePooling2D()"),
    ("upsample", "nn.Upsample(scale_factor=2)", "UpSampling2D()"),
    ("flatten", "nn.Flatten()", "Flatten()"),
    ("group_norm: 2", "nn.GroupNorm(2, 4)", "GroupNormalization(2)"),
    ("residual: [linear: 4, relu]", "x + stack(x)", "Add()([x, stack(x)])"),
    ("gcn: 4", "GCNConv(3, 4)", ""),
    ("sage: 4", "SAGEConv(3, 4)", ""),
    ("gin: 4", "GINConv(nn.Linear(3, 4))", ""),
    ("gat: 4", "GATConv(3, 4)", ""),
    ("rnn: 4", "nn.RNN(3, 4)", "SimpleRNN(4)"),
    ("gru: 4", "nn.GRU(3, 4)", "GRU(4)"),
    ("lstm: 4", "nn.LSTM(3, 4)", "LSTM(4)"),
    ("self_attention: 4", "", "Attention()"),
    ("multi_head_attention: 2", "nn.MultiheadAttention(4, 2)", "MultiHeadAttention(2, 2)"),
    ("cross_attention: M", "", ""),
    ("embedding: {out: 3, words: 10}", "nn.Embedding(10, 3)", "Embedding(10, 3)"),
    ("positional_encoding", "", ""),
    ("moe: {experts: 4, k: 2}", "", ""),
    ("bidirectional: [lstm: 4]", "nn.LSTM(3, 4, bidirectional=True)", "Bidirectional(LSTM(4))"),
    ("encoder_block: {heads: 2, hidden: 8}", "nn.TransformerEncoderLayer(4, 2, 8)", ""),
    ("decoder_block: {heads: 2, hidden: 8, memory: M}", "nn.TransformerDecoderLayer(4, 2, 8)", ""),
]
"""A layer of a stack, and the same elsewhere; graph layers are PyTorch Geometric's."""

OPTIMISERS: list[tuple[str, str, str]] = [
    ("sgd", "optim.SGD", "SGD"),
    ("momentum", "optim.SGD(momentum=0.9)", "SGD(momentum=0.9)"),
    ("nesterov", "optim.SGD(momentum=0.9, nesterov=True)", "SGD(momentum=0.9, nesterov=True)"),
    ("rmsprop", "optim.RMSprop", "RMSprop"),
    ("adam", "optim.Adam", "Adam"),
    ("adamw", "optim.AdamW", "AdamW"),
]
"""`train: {optimizer: …}`, and the same elsewhere."""


def unknown(library: str) -> list[str]:
    """The names of functions that an installed library doesn't have."""
    spaces = {"torch": "torch", "nn": "torch.nn", "F": "torch.nn.functional", "keras": "keras"}
    found = []
    for rows in FUNCTIONS.values():
        for name in (name for row in rows for name in row[1 if library == "torch" else 2].split()):
            space, _, rest = name.partition("(")[0].partition(".")
            if spaces.get(space, "").split(".")[0] == library:
                try:
                    operator.attrgetter(rest)(importlib.import_module(spaces[space]))
                except AttributeError:
                    found.append(name)
    return found


if __name__ == "__main__":
    for library in sys.argv[1:]:
        print(library, unknown(library) or "has them all")
