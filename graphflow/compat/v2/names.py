"""The names of TensorFlow 2 that graphflow's functions and classes of TensorFlow 1 serve.

SAME: per namespace ("-" is the outermost), names that mean what they mean in TensorFlow 1. ADAPTED: functions that take fewer arguments,
or in another order: name, then the arguments of TensorFlow 2, with "=" where there is a default, which follows where it is another one.
"""

SAME = """
-: AggregationMethod Assert DType DeviceSpec GradientTape Graph IndexedSlices IndexedSlicesSpec Operation RegisterGradient SparseTensor
  SparseTensorSpec Tensor TensorArray TensorShape TensorSpec TypeSpec UnconnectedGradients VariableAggregation VariableSynchronization
  abs acos acosh add add_n argsort as_dtype as_string asin asinh atan atan2 atanh bfloat16 bitcast bool broadcast_dynamic_shape
  broadcast_static_shape broadcast_to case cast clip_by_global_norm clip_by_norm clip_by_value complex complex128 complex64 concat
  control_dependencies conv2d_backprop_filter_v2 conv2d_backprop_input_v2 cos cosh cumsum custom_gradient divide double
  dynamic_partition dynamic_stitch edit_distance einsum ensure_shape equal executing_eagerly exp eye fill fingerprint float16 float32
  float64 floor foldl foldr function get_static_value greater greater_equal group guarantee_const half histogram_fixed_width
  histogram_fixed_width_bins identity identity_n import_graph_def init_scope int16 int32 int64 int8 is_symbolic_tensor is_tensor less
  less_equal linspace load_library load_op_library logical_and logical_not logical_or make_ndarray make_tensor_proto map_fn matmul
  matrix_square_root maximum meshgrid minimum multiply negative newaxis no_gradient no_op not_equal numpy_function one_hot ones
  parallel_stack pow print py_function qint16 qint32 qint8 quint16 quint8 range rank realdiv register_tensor_conversion_function repeat
  required_space_to_batch_paddings reshape resource reverse roll round saturate_cast scalar_mul scan scatter_nd searchsorted
  sequence_mask shape_n sigmoid sign sin sinh slice sort space_to_batch_nd split sqrt square stack stop_gradient strided_slice string
  subtract switch_case tan tanh tensor_scatter_nd_add tensor_scatter_nd_max tensor_scatter_nd_min tensor_scatter_nd_sub
  tensor_scatter_nd_update tensordot tile timestamp truediv truncatediv truncatemod type_spec_from_value uint16 uint32 uint64 uint8
  unique unique_with_counts unravel_index unstack variable_creator_scope variant zeros
autograph: set_verbosity trace
autograph.experimental: Feature do_not_convert set_loop_options
bitwise: bitwise_and bitwise_or bitwise_xor invert left_shift right_shift
config: LogicalDeviceConfiguration functions_run_eagerly get_visible_devices list_logical_devices list_physical_devices
  run_functions_eagerly set_visible_devices
config.experimental: VirtualDeviceConfiguration get_memory_growth get_visible_devices list_logical_devices list_physical_devices
  set_memory_growth set_visible_devices
config.threading: get_inter_op_parallelism_threads get_intra_op_parallelism_threads set_inter_op_parallelism_threads
  set_intra_op_parallelism_threads
data: AUTOTUNE FixedLengthRecordDataset Options TFRecordDataset TextLineDataset
data.experimental: AUTOTUNE bucket_by_sequence_length enumerate_dataset get_single_element group_by_window ignore_errors
  make_saveable_from_iterator map_and_batch parallel_interleave scan shuffle_and_repeat take_while unbatch
debugging: Assert assert_integer assert_proper_iterable assert_same_float_dtype assert_shapes assert_type check_numerics
  is_numeric_tensor
dtypes: DType QUANTIZED_DTYPES as_dtype bfloat16 bool complex complex128 complex64 double float16 float32 float64 half int16 int32 int64
  int8 qint16 qint32 qint8 quint16 quint8 resource saturate_cast string uint16 uint32 uint64 uint8 variant
errors: ABORTED ALREADY_EXISTS AbortedError AlreadyExistsError CANCELLED CancelledError DATA_LOSS DEADLINE_EXCEEDED DataLossError
  DeadlineExceededError FAILED_PRECONDITION FailedPreconditionError INTERNAL INVALID_ARGUMENT InternalError InvalidArgumentError
  NOT_FOUND NotFoundError OK OUT_OF_RANGE OpError OutOfRangeError PERMISSION_DENIED PermissionDeniedError RESOURCE_EXHAUSTED
  ResourceExhaustedError UNAUTHENTICATED UNAVAILABLE UNIMPLEMENTED UNKNOWN UnauthenticatedError UnavailableError UnimplementedError
  UnknownError
graph_util: import_graph_def
image: ResizeMethod adjust_brightness adjust_contrast adjust_gamma adjust_hue adjust_jpeg_quality adjust_saturation central_crop
  combined_non_max_suppression convert_image_dtype crop_to_bounding_box decode_and_crop_jpeg decode_bmp decode_gif decode_image
  decode_jpeg decode_png encode_jpeg encode_png extract_jpeg_shape extract_patches flip_left_right flip_up_down grayscale_to_rgb
  hsv_to_rgb image_gradients is_jpeg non_max_suppression non_max_suppression_overlaps non_max_suppression_padded
  non_max_suppression_with_scores pad_to_bounding_box per_image_standardization psnr random_brightness random_contrast random_crop
  random_flip_left_right random_flip_up_down random_hue random_jpeg_quality random_saturation resize_with_crop_or_pad rgb_to_grayscale
  rgb_to_hsv rgb_to_yiq rgb_to_yuv rot90 sobel_edges ssim ssim_multiscale total_variation transpose yiq_to_rgb yuv_to_rgb
io: FixedLenFeature FixedLenSequenceFeature SparseFeature TFRecordOptions TFRecordWriter VarLenFeature decode_and_crop_jpeg
  decode_base64 decode_bmp decode_compressed decode_gif decode_image decode_jpeg decode_json_example decode_png encode_base64
  encode_jpeg encode_png extract_jpeg_shape is_jpeg match_filenames_once matching_files parse_sequence_example
  parse_single_sequence_example parse_tensor read_file serialize_tensor write_file write_graph
io.gfile: GFile copy exists get_registered_schemes glob isdir join listdir makedirs mkdir remove rename rmtree stat walk
linalg: adjoint band_part cholesky cholesky_solve cross det diag diag_part eigh eigvalsh einsum expm eye global_norm inv l2_normalize
  logdet logm lstsq lu lu_solve matmul matrix_rank matrix_transpose matvec normalize pinv qr set_diag slogdet solve sqrtm svd
  tensor_diag tensor_diag_part tensordot trace triangular_solve
lookup: KeyValueTensorInitializer StaticHashTable StaticVocabularyTable TextFileIndex TextFileInitializer
lookup.experimental: DenseHashTable MutableHashTable
math: abs accumulate_n acos acosh add add_n angle asin asinh atan atan2 atanh bessel_i0 bessel_i0e bessel_i1 bessel_i1e betainc ceil
  conj cos cosh cumprod cumsum cumulative_logsumexp digamma divide divide_no_nan equal erf erfc erfcinv erfinv exp expm1 floor floordiv
  floormod greater greater_equal igamma igammac imag invert_permutation is_finite is_inf is_nan is_non_decreasing is_strictly_increasing
  l2_normalize lbeta less less_equal lgamma log log1p log_sigmoid logical_and logical_not logical_or logical_xor maximum minimum mod
  multiply multiply_no_nan ndtri negative nextafter not_equal polygamma polyval pow real reciprocal reciprocal_no_nan
  reduce_euclidean_norm reduce_std reduce_variance rint round rsqrt scalar_mul segment_max segment_mean segment_min segment_prod
  segment_sum sigmoid sign sin sinh softplus softsign sqrt square squared_difference subtract tan tanh top_k truediv
  unsorted_segment_max unsorted_segment_mean unsorted_segment_min unsorted_segment_prod unsorted_segment_sqrt_n unsorted_segment_sum
  xdivy xlog1py xlogy zero_fraction zeta
math.special: bessel_i0 bessel_i0e bessel_i1 bessel_i1e
nest: assert_same_structure flatten is_nested map_structure pack_sequence_as
nn: all_candidate_sampler atrous_conv2d atrous_conv2d_transpose avg_pool1d avg_pool3d batch_normalization bias_add collapse_repeated
  compute_accidental_hits conv1d_transpose conv_transpose ctc_greedy_decoder ctc_unique_labels depthwise_conv2d_backprop_filter
  depthwise_conv2d_backprop_input elu fixed_unigram_candidate_sampler l2_loss l2_normalize leaky_relu learned_unigram_candidate_sampler
  local_response_normalization log_poisson_loss lrn max_pool1d max_pool2d max_pool3d normalize_moments relu relu6 selu sigmoid silu
  softplus softsign swish tanh top_k with_space_to_batch zero_fraction
queue: FIFOQueue PaddingFIFOQueue PriorityQueue QueueBase RandomShuffleQueue
random: Algorithm all_candidate_sampler categorical fixed_unigram_candidate_sampler fold_in gamma learned_unigram_candidate_sampler
  log_uniform_candidate_sampler normal shuffle split stateless_binomial stateless_categorical stateless_gamma stateless_normal
  stateless_parameterized_truncated_normal stateless_poisson stateless_truncated_normal stateless_uniform truncated_normal uniform
  uniform_candidate_sampler
saved_model: ASSETS_DIRECTORY ASSETS_KEY CLASSIFY_INPUTS CLASSIFY_METHOD_NAME CLASSIFY_OUTPUT_CLASSES CLASSIFY_OUTPUT_SCORES
  DEBUG_DIRECTORY DEBUG_INFO_FILENAME_PB DEFAULT_SERVING_SIGNATURE_DEF_KEY GPU PREDICT_INPUTS PREDICT_METHOD_NAME PREDICT_OUTPUTS
  REGRESS_INPUTS REGRESS_METHOD_NAME REGRESS_OUTPUTS SAVED_MODEL_FILENAME_PB SAVED_MODEL_FILENAME_PBTXT SAVED_MODEL_SCHEMA_VERSION
  SERVING TPU TRAINING VARIABLES_DIRECTORY VARIABLES_FILENAME contains_saved_model
sets: difference intersection size union
signal: dct fft fft2d fft3d fftshift frame hamming_window hann_window idct ifft ifft2d ifft3d ifftshift inverse_mdct inverse_stft
  inverse_stft_window_fn irfft irfft2d irfft3d kaiser_bessel_derived_window kaiser_window linear_to_mel_weight_matrix mdct
  mfccs_from_log_mel_spectrograms overlap_and_add rfft rfft2d rfft3d stft vorbis_window
sparse: SparseTensor eye fill_empty_rows from_dense mask maximum minimum reorder reset_shape reshape retain slice softmax
  sparse_dense_matmul to_dense to_indicator transpose
strings: as_string format join lower regex_full_match regex_replace strip to_hash_bucket_fast to_hash_bucket_strong
  unsorted_segment_join upper
sysconfig: CXX11_ABI_FLAG CXX_VERSION MONOLITHIC_BUILD get_build_info get_compile_flags get_include get_lib get_link_flags
test: TestCase gpu_device_name is_built_with_cuda is_built_with_gpu_support is_gpu_available main
train: BytesList CheckpointManager ClusterDef ClusterSpec Coordinator Example ExponentialMovingAverage Feature FeatureList FeatureLists
  Features FloatList Int64List JobDef SequenceExample ServerDef checkpoints_iterator get_checkpoint_state latest_checkpoint
  list_variables load_checkpoint load_variable
version: COMPILER_VERSION GIT_VERSION GRAPH_DEF_VERSION GRAPH_DEF_VERSION_MIN_CONSUMER GRAPH_DEF_VERSION_MIN_PRODUCER VERSION
"""

ADAPTED = """
argmax input axis= output_type= name=
argmin input axis= output_type= name=
assert_equal x y message= summarize= name=
assert_greater x y message= summarize= name=
assert_less x y message= summarize= name=
assert_rank x rank message= name=
autograph.to_code entity recursive= experimental_optional_features=
autograph.to_graph entity recursive= experimental_optional_features=
batch_to_space input block_shape crops name=
boolean_mask tensor mask axis= name=
cond pred true_fn= false_fn= name=
constant value dtype= shape= name=
convert_to_tensor value dtype= dtype_hint= name=
debugging.assert_all_finite x message name=
debugging.assert_equal x y message= summarize= name=
debugging.assert_greater x y message= summarize= name=
debugging.assert_greater_equal x y message= summarize= name=
debugging.assert_less x y message= summarize= name=
debugging.assert_less_equal x y message= summarize= name=
debugging.assert_near x y rtol= atol= message= summarize= name=
debugging.assert_negative x message= summarize= name=
debugging.assert_non_negative x message= summarize= name=
debugging.assert_non_positive x message= summarize= name=
debugging.assert_none_equal x y summarize= message= name=
debugging.assert_positive x message= summarize= name=
debugging.assert_rank x rank message= name=
debugging.assert_rank_at_least x rank message= name=
debugging.assert_rank_in x ranks message= name=
debugging.assert_scalar tensor message= name=
expand_dims input axis name=
gather params indices validate_indices= axis= batch_dims= name=
gather_nd params indices batch_dims= name= bad_indices_policy=
gradients ys xs grad_ys= name= gate_gradients= aggregation_method= stop_gradients= unconnected_gradients=
hessians ys xs gate_gradients= aggregation_method= name=
image.crop_and_resize image boxes box_indices crop_size method= extrapolation_value=0.0 name=
image.draw_bounding_boxes images boxes colors name=
io.decode_csv records record_defaults field_delim= use_quote_delim= na_value= select_cols= name=
io.parse_example serialized features example_names= name=
io.parse_single_example serialized features example_names= name=
linalg.norm tensor ord= axis= keepdims= name=
math.argmax input axis= output_type= name=
math.argmin input axis= output_type= name=
math.confusion_matrix labels predictions num_classes= weights= dtype= name=
math.count_nonzero input axis= keepdims= dtype= name=
math.in_top_k targets predictions k name=
math.log_softmax logits axis= name=
math.reduce_all input_tensor axis= keepdims=False name=
math.reduce_any input_tensor axis= keepdims=False name=
math.reduce_logsumexp input_tensor axis= keepdims=False name=
math.reduce_max input_tensor axis= keepdims=False name=
math.reduce_mean input_tensor axis= keepdims=False name=
math.reduce_min input_tensor axis= keepdims=False name=
math.reduce_prod input_tensor axis= keepdims=False name=
math.reduce_sum input_tensor axis= keepdims=False name=
math.softmax logits axis= name=
nn.avg_pool input ksize strides padding data_format=None name=
nn.avg_pool2d input ksize strides padding data_format= name=
nn.batch_norm_with_global_normalization input mean variance beta gamma variance_epsilon scale_after_normalization name=
nn.conv1d input filters stride padding data_format='NWC' dilations= name=
nn.conv2d input filters strides padding data_format= dilations=None name=
nn.conv2d_transpose input filters output_shape strides padding= data_format= dilations= name=
nn.conv3d input filters strides padding data_format= dilations=None name=
nn.conv3d_transpose input filters output_shape strides padding= data_format= dilations= name=
nn.convolution input filters strides= padding='VALID' data_format= dilations= name=
nn.crelu features axis= name=
nn.ctc_beam_search_decoder inputs sequence_length beam_width= top_paths=
nn.depth_to_space input block_size data_format= name=
nn.depthwise_conv2d input filter strides padding data_format= dilations= name=
nn.dropout x rate noise_shape= seed= name=
nn.embedding_lookup params ids max_norm= name=
nn.embedding_lookup_sparse params sp_ids sp_weights combiner= max_norm= name= allow_fast_lookup=
nn.in_top_k targets predictions k name=
nn.log_softmax logits axis= name=
nn.max_pool input ksize strides padding data_format=None name=
nn.max_pool_with_argmax input ksize strides padding data_format= output_dtype= include_batch_in_index= name=
nn.moments x axes shift= keepdims=False name=
nn.nce_loss weights biases labels inputs num_sampled num_classes num_true= sampled_values= remove_accidental_hits= name=
nn.pool input window_shape pooling_type strides= padding='VALID' data_format= dilations= name=
nn.safe_embedding_lookup_sparse embedding_weights sparse_ids sparse_weights= combiner= default_id= max_norm= name= allow_fast_lookup=
nn.sampled_softmax_loss weights biases labels inputs num_sampled num_classes num_true= sampled_values= remove_accidental_hits= seed= name=
nn.separable_conv2d input depthwise_filter pointwise_filter strides padding data_format= dilations= name=
nn.sigmoid_cross_entropy_with_logits labels= logits= name=
nn.softmax logits axis= name=
nn.space_to_batch input block_shape paddings name=
nn.space_to_depth input block_size data_format= name=
nn.sparse_softmax_cross_entropy_with_logits labels logits name=
nn.sufficient_statistics x axes shift= keepdims=False name=
nn.weighted_cross_entropy_with_logits labels logits pos_weight name=
nn.weighted_moments x axes frequency_weights keepdims=False name=
norm tensor ord= axis= keepdims= name=
pad tensor paddings mode= constant_values= name=
random.poisson shape lam dtype= seed= name=
reduce_all input_tensor axis= keepdims=False name=
reduce_any input_tensor axis= keepdims=False name=
reduce_logsumexp input_tensor axis= keepdims=False name=
reduce_max input_tensor axis= keepdims=False name=
reduce_mean input_tensor axis= keepdims=False name=
reduce_min input_tensor axis= keepdims=False name=
reduce_prod input_tensor axis= keepdims=False name=
reduce_sum input_tensor axis= keepdims=False name=
reverse_sequence input seq_lengths seq_axis= batch_axis= name=
shape input out_type= name=
size input out_type= name=
space_to_batch input block_shape paddings name=
sparse.add a b threshold=0
sparse.concat axis sp_inputs expand_nonconcat_dims=False name=
sparse.segment_mean data indices segment_ids num_segments= name= sparse_gradient=
sparse.segment_sqrt_n data indices segment_ids num_segments= name= sparse_gradient=
sparse.segment_sum data indices segment_ids num_segments= name= sparse_gradient=
sparse.split sp_input= num_split= axis= name=
squeeze input axis= name=
strings.length input unit= name=
strings.reduce_join inputs axis= keepdims=False separator= name=
strings.split input sep= maxsplit= name=
strings.substr input pos len unit= name=
strings.to_hash_bucket input num_buckets name=
strings.to_number input out_type= name=
transpose a perm= conjugate= name=
tuple tensors control_inputs= name=
while_loop cond body loop_vars shape_invariants= parallel_iterations= back_prop= swap_memory= maximum_iterations= name=
"""
