// Finds faces on a photo, in this browser: nothing of the photo goes anywhere. Loaded when somebody asks for it.
import { Human } from "@vladmandic/human"

/** A part of a picture, from 0 to 1 of its width and height. */
export interface Box { x: number; y: number; w: number; h: number }

/** The model knows faces of a fifth of the picture and larger well; a photo of a group is looked at in parts too. */
const GRID = 2, OVERLAP = 0.2
/** Faces are hidden with what is around them: hair and ears tell who somebody is. */
const MARGIN = 0.25
const SURE = 0.25

let human: Promise<Human> | undefined

/** The detector, once; without WebGL it computes, which takes a few seconds longer. */
function detector(): Promise<Human> {
  return (human ??= (async () => {
    const found = new Human({
      backend: "webgl", modelBasePath: location.origin, cacheModels: false, cacheSensitivity: 0, warmup: "none", debug: false, filter: { enabled: false },
      face: { enabled: true, detector: { modelPath: FACES_MODEL, maxDetected: 40, minConfidence: SURE, rotation: false }, mesh: { enabled: false }, iris: { enabled: false },
        emotion: { enabled: false }, description: { enabled: false } },
      body: { enabled: false }, hand: { enabled: false }, object: { enabled: false }, gesture: { enabled: false }, segmentation: { enabled: false },
    })
    await found.init()
    return found
  })())
}

/** The faces on the image, each once, in parts of its width and height. */
export async function facesOn(image: HTMLImageElement): Promise<Box[]> {
  const found = await detector(), { naturalWidth: width, naturalHeight: height } = image, all: { box: Box; score: number }[] = []
  for (const part of parts()) {
    const canvas = document.createElement("canvas")
    canvas.width = Math.round(part.w * width)
    canvas.height = Math.round(part.h * height)
    canvas.getContext("2d")!.drawImage(image, part.x * width, part.y * height, canvas.width, canvas.height, 0, 0, canvas.width, canvas.height)
    for (const { boxRaw: [x, y, w, h], boxScore } of (await found.detect(canvas)).face) {
      all.push({ score: boxScore, box: { x: part.x + x * part.w, y: part.y + y * part.h, w: w * part.w, h: h * part.h } })
    }
  }
  const kept: Box[] = []
  for (const { box } of all.sort((a, b) => b.score - a.score)) if (!kept.some((other) => overlap(other, box) > 0.3)) kept.push(box)
  return kept.map(widened).sort((a, b) => a.x - b.x)
}

/** The whole, and then parts that overlap. */
function parts(): Box[] {
  const side = (1 + OVERLAP * (GRID - 1)) / GRID, step = side - OVERLAP, list: Box[] = [{ x: 0, y: 0, w: 1, h: 1 }]
  for (let row = 0; row < GRID; row++) for (let column = 0; column < GRID; column++) list.push({ x: column * step, y: row * step, w: side, h: side })
  return list
}

/** How much of the smaller of two boxes lies in the other, from 0 to 1. */
function overlap(a: Box, b: Box): number {
  const across = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x), down = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y)
  return across <= 0 || down <= 0 ? 0 : (across * down) / Math.min(a.w * a.h, b.w * b.h)
}

function widened({ x, y, w, h }: Box): Box {
  const left = Math.max(0, x - MARGIN * w), top = Math.max(0, y - 1.5 * MARGIN * h)
  return { x: left, y: top, w: Math.min(1, x + w + MARGIN * w) - left, h: Math.min(1, y + h + MARGIN * h) - top }
}
