// Package prefault has the memory that a start is going to use given to the program in one go. A program that imports it, for
// nothing but that, starts sooner.
//
// The kernel hands out memory at the first touch of each page, by a trap. On a virtual machine a trap can cost 20 µs, and the
// packages of this program touch a thousand pages of the heap before main begins.
package prefault
