// Files as cameras and telephones make them, made from the demo's scenes with Debian's vips and exiftool.
import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const SCENES = join(import.meta.dirname, "../../cmd/ouderportaal/demo/scenes")

/** What a photo says about itself that must not reach a parent. */
export const SECRETS = ["Exif", "GPS", "PhoneMaker", "Sanne's phone"]

const run = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: ["ignore", "pipe", "pipe"] })
const scene = (name: string) => join(SCENES, `${name}.jpg`)

/** Five photos as they come from cameras: lying on its side with a place in it, plain, PNG, WebP, HEIC. */
export function cameraPhotos(folder: string): { files: string[]; upright: { width: number; height: number } } {
  mkdirSync(folder, { recursive: true })
  const at = (name: string) => join(folder, name)
  const sideways = at("IMG_0001.JPG"), plain = at("DSC 2.jpg"), png = at("schermafdruk.png"), webp = at("foto.webp"), heic = at("IMG_0005.HEIC")
  // The camera keeps the picture lying and writes that it must be turned a quarter (orientation 6): upright it is 900 × 1200.
  run("vips", "thumbnail", scene("bellen"), at("lying.v"), "1200", "--height", "900", "--crop", "centre", "--size", "force")
  run("vips", "jpegsave", at("lying.v"), sideways, "--Q", "90")
  run("exiftool", "-q", "-overwrite_original", "-n", "-Orientation=6", "-GPSLatitude=52.2466", "-GPSLatitudeRef=N", "-GPSLongitude=6.2866", "-GPSLongitudeRef=E",
    "-Make=PhoneMaker", "-Model=Sanne's phone", "-DateTimeOriginal=2026:11:02 10:11:12", sideways)
  run("vips", "jpegsave", scene("blokken"), plain, "--Q", "85")
  run("vips", "thumbnail", scene("fruit"), at("small.v"), "700")
  run("vips", "pngsave", at("small.v"), png)
  run("vips", "webpsave", scene("herfst"), webp, "--Q", "80")
  run("vips", "thumbnail", scene("zandbak"), at("heic.v"), "800")
  run("vips", "heifsave", at("heic.v"), heic, "--Q", "60", "--compression", "hevc")
  return { files: [sideways, plain, png, webp, heic], upright: { width: 900, height: 1200 } }
}

/** A photo so large that a browser makes it smaller, taken at a moment, with a place in it. */
export function largePhoto(folder: string, taken: string): string {
  mkdirSync(folder, { recursive: true })
  const large = join(folder, "IMG_0009.JPG")
  run("vips", "thumbnail", scene("herfst"), `${large}[Q=90]`, "3000")
  run("exiftool", "-q", "-overwrite_original", "-n", "-GPSLatitude=52.2466", "-GPSLatitudeRef=N", "-GPSLongitude=6.2866", "-GPSLongitudeRef=E",
    `-DateTimeOriginal=${taken.slice(0, 19)}`, `-OffsetTimeOriginal=${taken.slice(19)}`, large)
  return large
}

/** A file that only says it is a photo, one of which the end is missing, and one that is fine. */
export function brokenPhotos(folder: string): { text: string; truncated: string; good: string } {
  mkdirSync(folder, { recursive: true })
  const text = join(folder, "boodschappen.jpg"), truncated = join(folder, "half.jpg"), good = join(folder, "goed.jpg")
  writeFileSync(text, "melk, brood, twee appels\n".repeat(40))
  const whole = readFileSync(scene("boeken"))
  writeFileSync(truncated, whole.subarray(0, Math.floor(whole.length / 2)))
  writeFileSync(good, whole)
  return { text, truncated, good }
}

/** What exiftool reads in a file, by name of the tag. */
export function tags(path: string): Record<string, unknown> {
  return (JSON.parse(run("exiftool", "-json", "-a", "-G0", path).toString()) as Record<string, unknown>[])[0]
}
