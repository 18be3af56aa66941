// Makes a photo small enough to send from a phone on a poor line, where the browser can decode it.

const LONGEST = 2560 // pixels; the largest variant that the server makes is 2048
const QUALITY = 0.88
const THUMB = 200

export interface Shrunk {
  blob: Blob
  thumb?: Blob
  taken?: string // when, of a photo that was made smaller and no longer says so itself
}

/** The photo at most LONGEST pixels long, upright, with a small likeness; the file itself where that is smaller or cannot be decoded (HEIC). */
export async function shrink(file: File): Promise<Shrunk> {
  let bitmap: ImageBitmap
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" })
  } catch {
    return { blob: file }
  }
  let thumb: Blob | undefined
  let smaller: Blob | undefined
  try {
    thumb = await drawn(bitmap, THUMB, 0.8)
    if (Math.max(bitmap.width, bitmap.height) > LONGEST) smaller = await drawn(bitmap, LONGEST, QUALITY)
  } finally {
    bitmap.close() // some 50 MB: before anything waits for the network
  }
  if (!smaller || smaller.size >= file.size) return { blob: file, thumb }
  return { blob: smaller, thumb, taken: await Promise.race([takenAt(file), patience()]) }
}

/** When the photo was taken, as far as that can be told: it is sent without as well. What reads it arrives with the first photo that is made smaller. */
async function takenAt(file: File): Promise<string | undefined> {
  try {
    return await (await import("./taken")).taken(file)
  } catch {
    return undefined
  }
}

const PATIENCE = 5000 // milliseconds; on a line that stands still the photo itself has waited long enough

const patience = () => new Promise<undefined>((done) => setTimeout(done, PATIENCE))

async function drawn(bitmap: ImageBitmap, longest: number, quality: number): Promise<Blob | undefined> {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height))
  const canvas = document.createElement("canvas")
  canvas.width = Math.max(1, Math.round(bitmap.width * scale))
  canvas.height = Math.max(1, Math.round(bitmap.height * scale))
  const pen = canvas.getContext("2d")
  if (!pen) return undefined
  pen.fillStyle = "#fff" // under transparent parts: JPEG has none
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.imageSmoothingQuality = "high"
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", quality))
  canvas.width = canvas.height = 0 // gives the memory back at once on iOS
  return blob ?? undefined
}
