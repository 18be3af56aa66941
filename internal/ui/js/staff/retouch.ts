// The editor of a photo that is not shared yet: hides faces, or cuts off the edge. The server does it; here it is only drawn.
import type { Box } from "./faces"

export interface Retouch { hide?: Box[]; crop?: Box }

export type EditorWords = Record<"editor" | "editor_hide" | "editor_crop" | "editor_looking" | "editor_found" | "editor_none" | "editor_failed" | "editor_add" | "editor_face" | "editor_help" | "editor_crop_help"
  | "editor_save" | "editor_cancel" | "editor_final" | "editor_remove" | "editor_frame", string>

const LEAST = 0.03, STEP = 0.01

/** Asks what to hide or to cut off; undefined when nothing is to be done. */
export function retouch(src: string, words: EditorWords): Promise<Retouch | undefined> {
  return new Promise((resolve) => new Editor(src, words, resolve).open())
}

class Editor {
  private readonly dialog = document.createElement("dialog")
  private readonly stage = element("div", "editor__stage")
  private readonly image = new Image()
  private readonly note = element("p", "editor__note")
  private readonly save: HTMLButtonElement
  private crop: HTMLButtonElement | undefined
  private boxes: HTMLButtonElement[] = []
  private looked = false

  constructor(src: string, private readonly words: EditorWords, private readonly done: (how: Retouch | undefined) => void) {
    this.image.src = src
    this.image.alt = ""
    this.image.draggable = false
    this.note.setAttribute("role", "status")
    this.stage.append(this.image)
    this.stage.addEventListener("pointerdown", (event) => this.begin(event))
    this.save = button(words.editor_save, "btn btn--primary", () => this.finish(this.outcome()))
    this.save.dataset.qa = "editor-save"
    this.dialog.className = "modal editor"
    this.dialog.setAttribute("aria-label", words.editor)
    const heading = element("h2", "")
    heading.textContent = words.editor
    const hide = button(words.editor_hide, "btn btn--soft", () => void this.look())
    hide.dataset.qa = "editor-faces"
    const tools = element("div", "row editor__tools")
    tools.append(hide, button(words.editor_add, "btn btn--soft", () => this.tell(this.add({ x: 0.35, y: 0.35, w: 0.3, h: 0.3 }))), button(words.editor_crop, "btn btn--soft", () => this.frame()))
    const final = element("p", "muted small")
    final.textContent = words.editor_final
    const end = element("div", "row")
    end.append(button(words.editor_cancel, "btn btn--ghost", () => this.finish(undefined)), this.save)
    this.dialog.append(heading, tools, this.note, this.stage, final, end)
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault()
      this.finish(undefined)
    })
  }

  open(): void {
    document.body.append(this.dialog)
    this.dialog.showModal()
    this.note.textContent = this.words.editor_help
    this.tell()
    void this.look()
  }

  /** Finds the faces; they are hidden until somebody says otherwise. */
  private async look(): Promise<void> {
    this.note.textContent = this.words.editor_looking
    this.dialog.setAttribute("aria-busy", "true")
    const faces = await this.image.decode().then(() => import("./faces")).then(({ facesOn }) => facesOn(this.image)).catch(() => undefined)
    this.dialog.removeAttribute("aria-busy")
    if (!this.dialog.isConnected) return
    if (this.looked) for (const box of this.boxes.filter((b) => b.dataset.found)) this.drop(box)
    this.looked = true
    for (const face of faces ?? []) this.add(face).dataset.found = "true"
    this.note.textContent = !faces ? this.words.editor_failed : faces.length > 0 ? `${this.words.editor_found.replace("{n}", String(faces.length))} ${this.words.editor_help}` : this.words.editor_none
    this.tell()
  }

  private add(at: Box): HTMLButtonElement {
    const box = button("", "editor__box", () => undefined)
    box.dataset.qa = "editor-box"
    place(box, at)
    box.addEventListener("keydown", (event) => this.key(event, box))
    box.addEventListener("click", () => { if (box.dataset.found && !box.dataset.moved) this.drop(box) })
    this.stage.append(box)
    this.boxes.push(box)
    return box
  }

  private drop(box: HTMLButtonElement): void {
    const next = this.boxes[this.boxes.indexOf(box) + 1] ?? this.boxes[this.boxes.indexOf(box) - 1] ?? this.save
    this.boxes = this.boxes.filter((b) => b !== box)
    if (box === this.crop) this.crop = undefined
    const focused = box === document.activeElement
    box.remove()
    this.tell()
    if (focused) next.focus()
  }

  /** The frame of what stays; again, it goes away. */
  private frame(): void {
    if (this.crop) return this.drop(this.crop)
    this.crop = button("", "editor__crop", () => undefined)
    this.crop.setAttribute("aria-label", this.words.editor_frame)
    this.crop.dataset.qa = "editor-frame"
    place(this.crop, { x: 0.1, y: 0.1, w: 0.8, h: 0.8 })
    this.crop.addEventListener("keydown", (event) => this.key(event, this.crop!))
    this.stage.append(this.crop)
    this.note.textContent = this.words.editor_crop_help
    this.tell()
    this.crop.focus()
  }

  /** Dragging on the picture makes a box, on a box moves it, at its corner changes its size. */
  private begin(event: PointerEvent): void {
    if (event.button !== 0) return
    const start = this.at(event), target = (event.target as Element).closest<HTMLButtonElement>(".editor__box, .editor__crop")
    const was = target ? placeOf(target) : { ...start, w: 0, h: 0 }
    const corner = !target || (start.x > was.x + 0.75 * was.w && start.y > was.y + 0.75 * was.h)
    let box = target
    const move = (to: PointerEvent): void => {
      const now = this.at(to), dx = now.x - start.x, dy = now.y - start.y
      if (Math.abs(dx) + Math.abs(dy) < 0.01 && !box?.dataset.moved) return
      box ??= this.add({ ...start, w: LEAST, h: LEAST })
      box.dataset.moved = "true"
      place(box, corner ? { ...was, w: Math.max(LEAST, was.w + dx), h: Math.max(LEAST, was.h + dy) } : { ...was, x: was.x + dx, y: was.y + dy })
    }
    const end = (): void => {
      removeEventListener("pointermove", move)
      removeEventListener("pointerup", end)
      removeEventListener("pointercancel", end)
      this.tell()
      window.setTimeout(() => { if (box) delete box.dataset.moved }) // after the click that ends a drag
    }
    addEventListener("pointermove", move)
    addEventListener("pointerup", end)
    addEventListener("pointercancel", end)
  }

  private key(event: KeyboardEvent, box: HTMLButtonElement): void {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
    if (event.key === "Delete" || event.key === "Backspace") this.drop(box)
    else if (by) {
      const at = placeOf(box), [dx, dy] = [by[0]! * STEP, by[1]! * STEP]
      place(box, event.shiftKey ? { ...at, w: Math.max(LEAST, at.w + dx), h: Math.max(LEAST, at.h + dy) } : { ...at, x: at.x + dx, y: at.y + dy })
    } else return
    event.preventDefault()
  }

  private tell(box?: HTMLButtonElement): void {
    for (const [i, b] of this.boxes.entries()) b.setAttribute("aria-label", this.words.editor_face.replace("{n}", String(i + 1)))
    this.save.disabled = !this.crop && this.boxes.length === 0
    box?.focus()
  }

  private outcome(): Retouch {
    return { ...(this.boxes.length > 0 && { hide: this.boxes.map(placeOf) }), ...(this.crop && { crop: placeOf(this.crop) }) }
  }

  private finish(how: Retouch | undefined): void {
    this.dialog.close()
    this.dialog.remove()
    this.done(how)
  }

  private at(event: PointerEvent): { x: number; y: number } {
    const { left, top, width, height } = this.stage.getBoundingClientRect()
    return { x: within((event.clientX - left) / width), y: within((event.clientY - top) / height) }
  }
}

const within = (n: number): number => Math.min(1, Math.max(0, n))

function place(box: HTMLElement, { x, y, w, h }: Box): void {
  w = Math.min(w, 1)
  h = Math.min(h, 1)
  x = Math.min(Math.max(0, x), 1 - LEAST)
  y = Math.min(Math.max(0, y), 1 - LEAST)
  const at = { x, y, w: Math.min(w, 1 - x), h: Math.min(h, 1 - y) }
  box.dataset.box = JSON.stringify(at)
  for (const [property, part] of [["left", at.x], ["top", at.y], ["width", at.w], ["height", at.h]] as const) box.style[property] = `${100 * part}%`
}

const placeOf = (box: HTMLElement): Box => JSON.parse(box.dataset.box!) as Box

function element<K extends keyof HTMLElementTagNameMap>(name: K, className: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(name)
  made.className = className
  return made
}

function button(words: string, className: string, click: () => void): HTMLButtonElement {
  const made = element("button", className)
  made.type = "button"
  made.textContent = words
  made.addEventListener("click", click)
  return made
}
