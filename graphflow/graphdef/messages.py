"""Public names of the protocol messages."""

from __future__ import annotations

from ..core.export import export_values

_PROTO = "graphflow.formats.proto"

export_values(
    _PROTO, AttrValue="AttrValue", ConfigProto="ConfigProto", Event="Event", GPUOptions="GPUOptions", GraphDef="GraphDef",
    GraphOptions="GraphOptions", HistogramProto="HistogramProto", LogMessage="LogMessage", MetaGraphDef="MetaGraphDef",
    NameAttrList="NameAttrList", NodeDef="NodeDef", OptimizerOptions="OptimizerOptions", RunMetadata="RunMetadata",
    RunOptions="RunOptions", SessionLog="SessionLog", Summary="Summary", SummaryMetadata="SummaryMetadata", TensorInfo="TensorInfo",
)  # fmt: skip
_OF_SUMMARY = ("Event", "SessionLog", "Summary", "SummaryDescription", "TaggedRunMetadata")
export_values(_PROTO, **{f"summary__{name}": name for name in _OF_SUMMARY})
export_values(
    _PROTO,
    **{
        f"train__{name}": name
        for name in ("BytesList", "ClusterDef", "Example", "Feature", "FeatureList", "FeatureLists", "Features", "FloatList", "Int64List",
                     "JobDef", "SaverDef", "SequenceExample", "ServerDef")
    },
)  # fmt: skip
_PROJECTOR = "contrib__tensorboard__plugins__projector__"
export_values(_PROTO, **{f"{_PROJECTOR}{name}": name for name in ("EmbeddingInfo", "ProjectorConfig", "SpriteMetadata")})
