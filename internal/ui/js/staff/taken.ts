// Reads when a photo was taken, in this browser. Loaded with the first photo that is made smaller.
import ExifReader from "exifreader"

/** The moment as Exif writes it: "2026:10:24 09:05:07", and "+02:00" behind it where the camera knew. Rejects a file in which there is no Exif. */
export async function taken(file: File): Promise<string | undefined> {
  const { exif } = await ExifReader.load(file, { expanded: true, includeTags: { exif: ["DateTimeOriginal", "OffsetTimeOriginal"] } })
  const at = exif?.DateTimeOriginal?.description
  return at && at + (exif?.OffsetTimeOriginal?.description ?? "")
}
