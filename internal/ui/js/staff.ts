// What pages add that take photos: the group app, and a parent's own diary.
import controllers from "controllers:staff"
import { register } from "./application"

register(controllers)
