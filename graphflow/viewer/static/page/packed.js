// Answers that hold arrays (graphflow/viewer/packed.py): plain data with typed arrays in it, which look into the bytes that came.

const TYPES = { f8: Float64Array, f4: Float32Array, i4: Int32Array, u1: Uint8Array };

/** The value in an ArrayBuffer. */
export function unpack(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const start = 4 + length;
  return JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)), (key, value) => {
    if (!value || !value.$) return value;
    const [type, offset, count] = value.$;
    return new TYPES[type](buffer, start + offset, count);
  });
}
