// A photo from the camera is drawn anew before it is kept: smaller, upright, and without place, time or device (EXIF).

async function decoded(file) {
  if (window.createImageBitmap) {
    try { return await createImageBitmap(file, {imageOrientation: "from-image"}); } catch (error) { /* the older way */ }
  }
  const url = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    return image;
  } finally {
    URL.revokeObjectURL(url);
  }
}

// JPEG bytes, at most `longest` pixels long. Rejects what is no picture.
export async function redraw(file, longest = 1600, quality = 0.8) {
  const picture = await decoded(file);
  const width = picture.naturalWidth || picture.width;
  const height = picture.naturalHeight || picture.height;
  if (!width || !height) throw new Error("not a picture");
  const scale = Math.min(1, longest / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  if (picture.close) picture.close();
  const blob = await new Promise(resolve => canvas.toBlob(resolve, "image/jpeg", quality));
  canvas.width = canvas.height = 0;
  if (!blob) throw new Error("not a picture");
  return blob.arrayBuffer();
}
