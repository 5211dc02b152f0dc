/* The Tandem engine for C and C++: registers, commands, error codes.
 * Generated from isa/src by `cargo xtask generate`; do not edit.
 * Meanings: docs/registers.md and docs/commands.md.
 */
#ifndef TANDEM_H
#define TANDEM_H

#include <stdint.h>

/* Registers: byte offsets. */
#define TANDEM_REG_ID 0x0u                           /* Reads "TNDM" (0x544e444d). */
#define TANDEM_REG_VERSION 0x4u                      /* Interface version: major in bits 31:16, minor in 15:0. */
#define TANDEM_REG_CONFIG_HASH 0x8u                  /* Hash of every size of the configuration (isa: Config::hash). */
#define TANDEM_REG_SHAPE 0xcu                        /* Array: rows in bits 15:0, lanes (columns) in 31:16. */
#define TANDEM_REG_RESET 0x10u                       /* Write 1: reset units, token counters and contexts once the bus is quiet; registers of windows and sites keep their values. */
#define TANDEM_REG_STATUS 0x14u                      /* Bit 0 something runs; bit 1 the context that owns the array; bit 2 bus transactions outstanding. */
#define TANDEM_REG_IRQ_STATUS 0x18u                  /* Bits 1:0 program of context done; bits 3:2 context faulted. Write 1 to clear. */
#define TANDEM_REG_IRQ_ENABLE 0x1cu                  /* Which bits of IRQ_STATUS raise the interrupt line. */
#define TANDEM_REG_WATCHDOG 0x20u                    /* Cycles without any progress after which the running context is stopped with Timeout; 0 = off. */
#define TANDEM_REG_SCHEDULE 0x24u                    /* Bit 0: the teacher may interrupt the student at its yield points. */
#define TANDEM_REG_T_PROGRAM 0x100u                  /* Teacher: address of the first command, a multiple of 64. */
#define TANDEM_REG_T_LENGTH 0x104u                   /* Teacher: commands in the program. */
#define TANDEM_REG_T_DOORBELL 0x108u                 /* Teacher: write 1 to start the program (ignored while running); clears the context's error registers. */
#define TANDEM_REG_T_STATE 0x10cu                    /* Teacher: 0 idle, 1 running, 2 faulted. */
#define TANDEM_REG_T_ISSUED 0x110u                   /* Teacher: commands issued since the doorbell. */
#define TANDEM_REG_T_ERROR_CODE 0x114u               /* Teacher: the first error (isa: ErrorCode), 0 none. */
#define TANDEM_REG_T_ERROR_COMMAND 0x118u            /* Teacher: DDR address of the command at fault. */
#define TANDEM_REG_T_ERROR_VALUE 0x11cu              /* Teacher: the value at fault (see the code). */
#define TANDEM_REG_T_CYCLES 0x120u                   /* Teacher: cycles it owned the engine, switches left out, low word. */
#define TANDEM_REG_T_CYCLES_HI 0x124u                /* Teacher: cycles it owned the engine, switches left out, high word. */
#define TANDEM_REG_T_LATENCY 0x128u                  /* Teacher: greatest number of cycles from a doorbell to its first command issued. */
#define TANDEM_REG_T_WINDOW_BASE 0x140u              /* Teacher window 0: first byte (multiple of 8). Windows 1 to 3 follow every 16 bytes. Ignored while the context runs. */
#define TANDEM_REG_T_WINDOW_END 0x144u               /* Teacher window 0: first byte after it. */
#define TANDEM_REG_T_WINDOW_PERMISSIONS 0x148u       /* Teacher window 0: bit 0 read, bit 1 write. */
#define TANDEM_REG_S_PROGRAM 0x200u                  /* Student: address of the first command, a multiple of 64. */
#define TANDEM_REG_S_LENGTH 0x204u                   /* Student: commands in the program. */
#define TANDEM_REG_S_DOORBELL 0x208u                 /* Student: write 1 to start the program (ignored while running); clears the context's error registers. */
#define TANDEM_REG_S_STATE 0x20cu                    /* Student: 0 idle, 1 running, 2 faulted. */
#define TANDEM_REG_S_ISSUED 0x210u                   /* Student: commands issued since the doorbell. */
#define TANDEM_REG_S_ERROR_CODE 0x214u               /* Student: the first error (isa: ErrorCode), 0 none. */
#define TANDEM_REG_S_ERROR_COMMAND 0x218u            /* Student: DDR address of the command at fault. */
#define TANDEM_REG_S_ERROR_VALUE 0x21cu              /* Student: the value at fault (see the code). */
#define TANDEM_REG_S_CYCLES 0x220u                   /* Student: cycles it owned the engine, switches left out, low word. */
#define TANDEM_REG_S_CYCLES_HI 0x224u                /* Student: cycles it owned the engine, switches left out, high word. */
#define TANDEM_REG_S_LATENCY 0x228u                  /* Student: greatest number of cycles from a doorbell to its first command issued. */
#define TANDEM_REG_S_WINDOW_BASE 0x240u              /* Student window 0: first byte (multiple of 8). Windows 1 to 3 follow every 16 bytes. Ignored while the context runs. */
#define TANDEM_REG_S_WINDOW_END 0x244u               /* Student window 0: first byte after it. */
#define TANDEM_REG_S_WINDOW_PERMISSIONS 0x248u       /* Student window 0: bit 0 read, bit 1 write. */
#define TANDEM_REG_COUNTERS_CLEAR 0x300u             /* Write 1: every counter of this block to 0. */
#define TANDEM_REG_TOTAL_CYCLES 0x304u               /* Cycles since reset or clear, low word. */
#define TANDEM_REG_TOTAL_CYCLES_HI 0x308u            /* High word. */
#define TANDEM_REG_SWITCHES 0x30cu                   /* Switches between contexts. */
#define TANDEM_REG_SWITCH_CYCLES 0x310u              /* Cycles of switches, each from the end of the one context's last command to the first of the other. Total = teacher + student + these + idle. */
#define TANDEM_REG_IDLE_CYCLES 0x314u                /* Cycles no context ran, low word. */
#define TANDEM_REG_IDLE_CYCLES_HI 0x318u             /* High word. */
#define TANDEM_REG_FORWARD_CYCLES 0x31cu             /* Cycles of phase 0 (forward): while a context runs, each cycle goes to the phase of the compute command at work, or of the last one. Low word. */
#define TANDEM_REG_FORWARD_CYCLES_HI 0x320u          /* High word. */
#define TANDEM_REG_DX_CYCLES 0x324u                  /* Cycles of phase 1 (dX), low word. */
#define TANDEM_REG_DX_CYCLES_HI 0x328u               /* High word. */
#define TANDEM_REG_DW_CYCLES 0x32cu                  /* Cycles of phase 2 (dW), low word. */
#define TANDEM_REG_DW_CYCLES_HI 0x330u               /* High word. */
#define TANDEM_REG_READ_BEATS 0x334u                 /* Beats read from DDR. */
#define TANDEM_REG_WRITE_BEATS 0x338u                /* Beats written to DDR. */
#define TANDEM_REG_LOAD_BUSY 0x340u                  /* Load unit: cycles at work and moving, low word. */
#define TANDEM_REG_LOAD_BUSY_HI 0x344u               /* Load unit: high word of that. */
#define TANDEM_REG_LOAD_STALLED 0x348u               /* Load unit: cycles with a command that could not move (memory, tokens, a neighbour), low word. */
#define TANDEM_REG_LOAD_STALLED_HI 0x34cu            /* Load unit: high word of that. */
#define TANDEM_REG_LOAD_IDLE 0x350u                  /* Load unit: cycles without a command, low word. */
#define TANDEM_REG_LOAD_IDLE_HI 0x354u               /* Load unit: high word of that. */
#define TANDEM_REG_COMPUTE_BUSY 0x358u               /* Compute unit: cycles at work and moving, low word. */
#define TANDEM_REG_COMPUTE_BUSY_HI 0x35cu            /* Compute unit: high word of that. */
#define TANDEM_REG_COMPUTE_STALLED 0x360u            /* Compute unit: cycles with a command that could not move (memory, tokens, a neighbour), low word. */
#define TANDEM_REG_COMPUTE_STALLED_HI 0x364u         /* Compute unit: high word of that. */
#define TANDEM_REG_COMPUTE_IDLE 0x368u               /* Compute unit: cycles without a command, low word. */
#define TANDEM_REG_COMPUTE_IDLE_HI 0x36cu            /* Compute unit: high word of that. */
#define TANDEM_REG_VECTOR_BUSY 0x370u                /* Vector unit: cycles at work and moving, low word. */
#define TANDEM_REG_VECTOR_BUSY_HI 0x374u             /* Vector unit: high word of that. */
#define TANDEM_REG_VECTOR_STALLED 0x378u             /* Vector unit: cycles with a command that could not move (memory, tokens, a neighbour), low word. */
#define TANDEM_REG_VECTOR_STALLED_HI 0x37cu          /* Vector unit: high word of that. */
#define TANDEM_REG_VECTOR_IDLE 0x380u                /* Vector unit: cycles without a command, low word. */
#define TANDEM_REG_VECTOR_IDLE_HI 0x384u             /* Vector unit: high word of that. */
#define TANDEM_REG_LOSS_BUSY 0x388u                  /* Loss unit: cycles at work and moving, low word. */
#define TANDEM_REG_LOSS_BUSY_HI 0x38cu               /* Loss unit: high word of that. */
#define TANDEM_REG_LOSS_STALLED 0x390u               /* Loss unit: cycles with a command that could not move (memory, tokens, a neighbour), low word. */
#define TANDEM_REG_LOSS_STALLED_HI 0x394u            /* Loss unit: high word of that. */
#define TANDEM_REG_LOSS_IDLE 0x398u                  /* Loss unit: cycles without a command, low word. */
#define TANDEM_REG_LOSS_IDLE_HI 0x39cu               /* Loss unit: high word of that. */
#define TANDEM_REG_STORE_BUSY 0x3a0u                 /* Store unit: cycles at work and moving, low word. */
#define TANDEM_REG_STORE_BUSY_HI 0x3a4u              /* Store unit: high word of that. */
#define TANDEM_REG_STORE_STALLED 0x3a8u              /* Store unit: cycles with a command that could not move (memory, tokens, a neighbour), low word. */
#define TANDEM_REG_STORE_STALLED_HI 0x3acu           /* Store unit: high word of that. */
#define TANDEM_REG_STORE_IDLE 0x3b0u                 /* Store unit: cycles without a command, low word. */
#define TANDEM_REG_STORE_IDLE_HI 0x3b4u              /* Store unit: high word of that. */
#define TANDEM_REG_SELECT_BUSY 0x3b8u                /* Select unit: cycles at work and moving, low word. */
#define TANDEM_REG_SELECT_BUSY_HI 0x3bcu             /* Select unit: high word of that. */
#define TANDEM_REG_SELECT_STALLED 0x3c0u             /* Select unit: cycles with a command that could not move (memory, tokens, a neighbour), low word. */
#define TANDEM_REG_SELECT_STALLED_HI 0x3c4u          /* Select unit: high word of that. */
#define TANDEM_REG_SELECT_IDLE 0x3c8u                /* Select unit: cycles without a command, low word. */
#define TANDEM_REG_SELECT_IDLE_HI 0x3ccu             /* Select unit: high word of that. */
#define TANDEM_REG_WAIT_MEMORY 0x3d0u                /* Cycles in which a context ran and the array did not, while load or store had a command: the array waited for memory. Low word. */
#define TANDEM_REG_WAIT_MEMORY_HI 0x3d4u             /* High word. */
#define TANDEM_REG_WAIT_VECTOR 0x3d8u                /* Cycles in which a context ran and the array did not, load and store had no command, and vector or loss had one. Low word. */
#define TANDEM_REG_WAIT_VECTOR_HI 0x3dcu             /* High word. */
#define TANDEM_REG_LOSS_SAMPLES 0x400u               /* Samples the loss unit has seen. */
#define TANDEM_REG_LOSS_CORRECT 0x404u               /* Samples whose best class was the label. */
#define TANDEM_REG_SITE_INDEX 0x500u                 /* The site that the following registers show. */
#define TANDEM_REG_SITE_STATE 0x504u                 /* Exponent state: E in bits 7:0 (signed), count in 11:8, valid in 12, F in 23:16 (signed). Writing sets it; ignored while a context runs. */
#define TANDEM_REG_SITE_CLIPPED 0x508u               /* Values clipped at this site. Writing any value clears it. */
#define TANDEM_REG_SITE_UNDERFLOW 0x50cu             /* Values that underflowed to 0 at this site. Writing any value clears it. */
#define TANDEM_REG_SITE_MASK 0x510u                  /* OR mask collected so far, low word. */
#define TANDEM_REG_SITE_MASK_HI 0x514u               /* OR mask collected so far, high 16 bits. */
#define TANDEM_REG_SEL_CLEAR 0x600u                  /* Write 1: empty the selector (heaps, slots, counters); SEL_STATUS is busy meanwhile. */
#define TANDEM_REG_SEL_STATUS 0x604u                 /* Bit 0 busy; bits 31:16 freed slots waiting. */
#define TANDEM_REG_SEL_K 0x608u                      /* Entries kept a class (K). */
#define TANDEM_REG_SEL_SHIFT 0x60cu                  /* log2 of a class's stride in the entry memory; 2^shift ≥ K. */
#define TANDEM_REG_SEL_MODE 0x610u                   /* Key: 0 confidence, 1 arrival, 2 hash, 3 hash above the threshold. */
#define TANDEM_REG_SEL_THRESHOLD 0x614u              /* Least confidence in mode 3 (Q0.15). */
#define TANDEM_REG_SEL_MIN_CONFIDENCE 0x618u         /* Least confidence in every mode (Q0.15). */
#define TANDEM_REG_SEL_SPACING 0x61cu                /* Least number of arrivals between two accepted scores of a class; 0 = off. */
#define TANDEM_REG_SEL_HASH_KEY 0x620u               /* Key of the hash. */
#define TANDEM_REG_SEL_CLASS_ENABLE 0x624u           /* Class mask: bits 15:0 the class, bit 16 its enable. Every class is enabled at reset and by SEL_CLEAR. Write while the selector is idle. */
#define TANDEM_REG_SEL_FREED 0x628u                  /* Next freed slot: bit 31 one was there, bits 15:0 its number. */
#define TANDEM_REG_SEL_INDEX 0x62cu                  /* What the next four registers show: class in bits 31:16, entry in 15:0. Only while the selector is idle. */
#define TANDEM_REG_SEL_COUNT 0x630u                  /* Entries the class holds. */
#define TANDEM_REG_SEL_ENTRY_KEY 0x634u              /* Key of the entry. */
#define TANDEM_REG_SEL_ENTRY_ARRIVAL 0x638u          /* Arrival number of the entry. */
#define TANDEM_REG_SEL_ENTRY_SLOT 0x63cu             /* Slot of the entry. */
#define TANDEM_REG_SEL_SEEN 0x640u                   /* Scores seen. */
#define TANDEM_REG_SEL_KEPT 0x644u                   /* Scores accepted into a free place. */
#define TANDEM_REG_SEL_REPLACED 0x648u               /* Scores that replaced another. */
#define TANDEM_REG_SEL_REJECTED 0x64cu               /* Scores rejected. */
#define TANDEM_REG_SEL_REFRESH 0x650u                /* Samples of an epoch; any of a later epoch ranks above all of an earlier one. 0: one epoch for all. Write while no sample has come. */
#define TANDEM_REG_SEL_EVENT 0x654u                  /* Offers the sample of a slot as the next of the stream, with a label of its own: it ranks above all scores of a teacher. Write while the selector is idle. */

/* Fields of registers: lowest bit, and mask in place. */
#define TANDEM_VERSION_MAJOR_LOW 0x10u               /* A host refuses another than its own. */
#define TANDEM_VERSION_MAJOR_MASK 0xffff0000u
#define TANDEM_VERSION_MINOR_LOW 0x0u                /* Raised by what a host need not know. */
#define TANDEM_VERSION_MINOR_MASK 0xffffu
#define TANDEM_SHAPE_LANES_LOW 0x10u                 /* Columns of the array, and lanes of a word. */
#define TANDEM_SHAPE_LANES_MASK 0xffff0000u
#define TANDEM_SHAPE_ROWS_LOW 0x0u                   /* Rows of the array. */
#define TANDEM_SHAPE_ROWS_MASK 0xffffu
#define TANDEM_RESET_RESET_LOW 0x0u                  /* Write 1 to reset. */
#define TANDEM_RESET_RESET_MASK 0x1u
#define TANDEM_STATUS_BUS_LOW 0x2u                   /* Bus transactions are outstanding. */
#define TANDEM_STATUS_BUS_MASK 0x4u
#define TANDEM_STATUS_OWNER_LOW 0x1u                 /* The context that owns the array. */
#define TANDEM_STATUS_OWNER_MASK 0x2u
#define TANDEM_STATUS_RUNNING_LOW 0x0u               /* Something runs. */
#define TANDEM_STATUS_RUNNING_MASK 0x1u
#define TANDEM_IRQ_STATUS_S_FAULT_LOW 0x3u           /* The student's context was stopped by an error. */
#define TANDEM_IRQ_STATUS_S_FAULT_MASK 0x8u
#define TANDEM_IRQ_STATUS_T_FAULT_LOW 0x2u           /* The teacher's context was stopped by an error. */
#define TANDEM_IRQ_STATUS_T_FAULT_MASK 0x4u
#define TANDEM_IRQ_STATUS_S_DONE_LOW 0x1u            /* The student's program is done. */
#define TANDEM_IRQ_STATUS_S_DONE_MASK 0x2u
#define TANDEM_IRQ_STATUS_T_DONE_LOW 0x0u            /* The teacher's program is done. */
#define TANDEM_IRQ_STATUS_T_DONE_MASK 0x1u
#define TANDEM_IRQ_ENABLE_S_FAULT_LOW 0x3u           /* The student's context was stopped by an error. */
#define TANDEM_IRQ_ENABLE_S_FAULT_MASK 0x8u
#define TANDEM_IRQ_ENABLE_T_FAULT_LOW 0x2u           /* The teacher's context was stopped by an error. */
#define TANDEM_IRQ_ENABLE_T_FAULT_MASK 0x4u
#define TANDEM_IRQ_ENABLE_S_DONE_LOW 0x1u            /* The student's program is done. */
#define TANDEM_IRQ_ENABLE_S_DONE_MASK 0x2u
#define TANDEM_IRQ_ENABLE_T_DONE_LOW 0x0u            /* The teacher's program is done. */
#define TANDEM_IRQ_ENABLE_T_DONE_MASK 0x1u
#define TANDEM_SCHEDULE_INTERRUPT_LOW 0x0u           /* The teacher may interrupt the student at its yield points. */
#define TANDEM_SCHEDULE_INTERRUPT_MASK 0x1u
#define TANDEM_T_DOORBELL_START_LOW 0x0u             /* Write 1 to start the program. */
#define TANDEM_T_DOORBELL_START_MASK 0x1u
#define TANDEM_T_STATE_STATE_LOW 0x0u                /* What the context does. */
#define TANDEM_T_STATE_STATE_MASK 0x3u
#define TANDEM_T_ERROR_CODE_CODE_LOW 0x0u            /* The first error. */
#define TANDEM_T_ERROR_CODE_CODE_MASK 0xffu
#define TANDEM_T_WINDOW_PERMISSIONS_WRITE_LOW 0x1u   /* May be written. */
#define TANDEM_T_WINDOW_PERMISSIONS_WRITE_MASK 0x2u
#define TANDEM_T_WINDOW_PERMISSIONS_READ_LOW 0x0u    /* May be read. */
#define TANDEM_T_WINDOW_PERMISSIONS_READ_MASK 0x1u
#define TANDEM_S_DOORBELL_START_LOW 0x0u             /* Write 1 to start the program. */
#define TANDEM_S_DOORBELL_START_MASK 0x1u
#define TANDEM_S_STATE_STATE_LOW 0x0u                /* What the context does. */
#define TANDEM_S_STATE_STATE_MASK 0x3u
#define TANDEM_S_ERROR_CODE_CODE_LOW 0x0u            /* The first error. */
#define TANDEM_S_ERROR_CODE_CODE_MASK 0xffu
#define TANDEM_S_WINDOW_PERMISSIONS_WRITE_LOW 0x1u   /* May be written. */
#define TANDEM_S_WINDOW_PERMISSIONS_WRITE_MASK 0x2u
#define TANDEM_S_WINDOW_PERMISSIONS_READ_LOW 0x0u    /* May be read. */
#define TANDEM_S_WINDOW_PERMISSIONS_READ_MASK 0x1u
#define TANDEM_COUNTERS_CLEAR_CLEAR_LOW 0x0u         /* Write 1 to clear. */
#define TANDEM_COUNTERS_CLEAR_CLEAR_MASK 0x1u
#define TANDEM_SITE_INDEX_SITE_LOW 0x0u              /* Number of the site. */
#define TANDEM_SITE_INDEX_SITE_MASK 0xffu
#define TANDEM_SITE_STATE_F_LOW 0x10u                /* Format of the tensor written last. */
#define TANDEM_SITE_STATE_F_MASK 0xff0000u
#define TANDEM_SITE_STATE_VALID_LOW 0xcu             /* A tensor was seen. */
#define TANDEM_SITE_STATE_VALID_MASK 0x1000u
#define TANDEM_SITE_STATE_COUNT_LOW 0x8u             /* Tensors in a row below E. */
#define TANDEM_SITE_STATE_COUNT_MASK 0xf00u
#define TANDEM_SITE_STATE_E_LOW 0x0u                 /* Exponent: magnitudes stay below 2^E. */
#define TANDEM_SITE_STATE_E_MASK 0xffu
#define TANDEM_SITE_MASK_HI_MASK_LOW 0x0u            /* Bits 47:32 of the mask. */
#define TANDEM_SITE_MASK_HI_MASK_MASK 0xffffu
#define TANDEM_SEL_CLEAR_CLEAR_LOW 0x0u              /* Write 1 to empty the selector. */
#define TANDEM_SEL_CLEAR_CLEAR_MASK 0x1u
#define TANDEM_SEL_STATUS_FREED_LOW 0x10u            /* Freed slots waiting. */
#define TANDEM_SEL_STATUS_FREED_MASK 0xffff0000u
#define TANDEM_SEL_STATUS_BUSY_LOW 0x0u              /* At work. */
#define TANDEM_SEL_STATUS_BUSY_MASK 0x1u
#define TANDEM_SEL_MODE_MODE_LOW 0x0u                /* What ranks a score. */
#define TANDEM_SEL_MODE_MODE_MASK 0x3u
#define TANDEM_SEL_CLASS_ENABLE_ENABLE_LOW 0x10u     /* The class takes scores. */
#define TANDEM_SEL_CLASS_ENABLE_ENABLE_MASK 0x10000u
#define TANDEM_SEL_CLASS_ENABLE_CLASS_LOW 0x0u       /* The class. */
#define TANDEM_SEL_CLASS_ENABLE_CLASS_MASK 0xffffu
#define TANDEM_SEL_FREED_THERE_LOW 0x1fu             /* A slot was there. */
#define TANDEM_SEL_FREED_THERE_MASK 0x80000000u
#define TANDEM_SEL_FREED_SLOT_LOW 0x0u               /* Its number. */
#define TANDEM_SEL_FREED_SLOT_MASK 0xffffu
#define TANDEM_SEL_INDEX_CLASS_LOW 0x10u             /* The class that is shown. */
#define TANDEM_SEL_INDEX_CLASS_MASK 0xffff0000u
#define TANDEM_SEL_INDEX_ENTRY_LOW 0x0u              /* The entry that is shown. */
#define TANDEM_SEL_INDEX_ENTRY_MASK 0xffffu
#define TANDEM_SEL_EVENT_CLASS_LOW 0x10u             /* Its class. */
#define TANDEM_SEL_EVENT_CLASS_MASK 0xffff0000u
#define TANDEM_SEL_EVENT_SLOT_LOW 0x0u               /* Where it lies. */
#define TANDEM_SEL_EVENT_SLOT_MASK 0xffffu

/* What registers hold. */
#define TANDEM_ID_VALUE 0x544e444du                  /* what ID reads */
#define TANDEM_VERSION_VALUE 0x20004u                /* what VERSION reads; another high half is refused */
#define TANDEM_CONTEXT_BASE 0x100u                   /* first context's registers */
#define TANDEM_CONTEXT_SIZE 0x100u                   /* to the next context's */
#define TANDEM_CONTEXTS 0x2u
#define TANDEM_TEACHER 0x0u                          /* context */
#define TANDEM_STUDENT 0x1u                          /* context */
#define TANDEM_WINDOW_BASE 0x40u                     /* first window, within a context's registers */
#define TANDEM_WINDOW_SIZE 0x10u                     /* to the next window */
#define TANDEM_WINDOWS 0x4u
#define TANDEM_WINDOW_READ 0x1u                      /* permission bit */
#define TANDEM_WINDOW_WRITE 0x2u                     /* permission bit */
#define TANDEM_STATE_IDLE 0x0u                       /* no program, or done */
#define TANDEM_STATE_RUNNING 0x1u
#define TANDEM_STATE_FAULTED 0x2u                    /* stopped by an error */
#define TANDEM_IRQ_DONE 0x1u                         /* teacher's; shift left by the context */
#define TANDEM_IRQ_FAULT 0x4u                        /* teacher's; shift left by the context */
#define TANDEM_KEY_CONFIDENCE 0x0u                   /* SEL_MODE */
#define TANDEM_KEY_ARRIVAL 0x1u                      /* SEL_MODE */
#define TANDEM_KEY_HASH 0x2u                         /* SEL_MODE */
#define TANDEM_KEY_HASH_ABOVE 0x3u                   /* SEL_MODE */
#define TANDEM_NO_SITE 0xffu                         /* site that adds nothing */
#define TANDEM_NO_SLOT 0xffffu                       /* sample that is not scored */
#define TANDEM_PAD_A 0x0u                            /* Load */
#define TANDEM_PAD_B 0x1u                            /* Load */
#define TANDEM_PAD_V 0x2u                            /* Load */
#define TANDEM_PAD_Z 0x3u                            /* Load */
#define TANDEM_PAD_O 0x0u                            /* Store */
#define TANDEM_PAD_G 0x1u                            /* Store */
#define TANDEM_PHASE_FORWARD 0x0u
#define TANDEM_PHASE_DX 0x1u
#define TANDEM_PHASE_DW 0x2u

/* CONFIG_HASH of each named configuration. */
#define TANDEM_HASH_TINY 0x8d154b82u                 /* tiny */
#define TANDEM_HASH_8X16 0x8d0117b5u                 /* 8x16 */
#define TANDEM_HASH_CU 0x31b9d93cu                   /* cu */
#define TANDEM_HASH_ECP5 0x8e81c393u                 /* ecp5 */

/* The UART link: docs/link.md. */
#define TANDEM_LINK_REQUEST 0xa5u                    /* first byte of a request */
#define TANDEM_LINK_ANSWER 0x5au                     /* first byte of an answer */
#define TANDEM_LINK_VERSION 0x1u
#define TANDEM_LINK_WORDS 0x40u                      /* most words in a frame */
#define TANDEM_LINK_BOUNDARY 0x100u                  /* bytes whose multiple no frame crosses */
#define TANDEM_LINK_REQUEST_HEADER 0x8u              /* bytes before the words */
#define TANDEM_LINK_ANSWER_HEADER 0x4u               /* bytes before the words */
#define TANDEM_LINK_CRC_BYTES 0x4u
#define TANDEM_LINK_CRC_POLYNOMIAL 0xedb88320u       /* CRC-32 of all but the first byte */
#define TANDEM_LINK_READ_REGISTERS 0x0u              /* operation */
#define TANDEM_LINK_WRITE_REGISTERS 0x1u             /* operation */
#define TANDEM_LINK_READ_MEMORY 0x2u                 /* operation */
#define TANDEM_LINK_WRITE_MEMORY 0x3u                /* operation */
#define TANDEM_LINK_HELLO 0x4u                       /* operation */
#define TANDEM_LINK_STATUS_DONE 0x0u
#define TANDEM_LINK_STATUS_REFUSED 0x1u
#define TANDEM_LINK_STATUS_HELLO 0x80u               /* bit: answer to a hello */

/* Error codes. */
#define TANDEM_ERROR_NONE 0x0u                       /* No error. */
#define TANDEM_ERROR_BAD_OPCODE 0x1u                 /* Byte 0 is no opcode, or that of a unit this engine does not have. Value: the byte. */
#define TANDEM_ERROR_BAD_FIELD 0x2u                  /* A field is outside its range. Value: the field's byte offset in bits 31:24, the low 24 bits of what it holds. */
#define TANDEM_ERROR_BAD_FLAGS 0x3u                  /* A flag bit that this command does not have. Value: the flags. */
#define TANDEM_ERROR_TOO_MANY_TERMS 0x4u             /* More products a sum than cannot overflow 48 bits. Value: the `terms` field. */
#define TANDEM_ERROR_READ_WINDOW 0x5u                /* A read outside every window the context may read. Value: the byte address. */
#define TANDEM_ERROR_WRITE_WINDOW 0x6u               /* A write outside every window the context may write. Value: the byte address. */
#define TANDEM_ERROR_FETCH_WINDOW 0x7u               /* The command fetch left every window the context may read. Value: the byte address. */
#define TANDEM_ERROR_READ_RESPONSE 0x8u              /* The bus answered a read with SLVERR or DECERR. Value: the address of the burst. */
#define TANDEM_ERROR_WRITE_RESPONSE 0x9u             /* The bus answered a write with SLVERR or DECERR. Value: the address of the burst. */
#define TANDEM_ERROR_TIMEOUT 0xau                    /* Nothing moved for WATCHDOG cycles. Value: bit u set: unit u was busy or waiting. */
#define TANDEM_ERROR_BAD_ALIGN 0xbu                  /* Alignment of `exponents` beyond 30 bits (14 with 8-bit operands) was asked for. Value: the shift. */

/* Units: bits of wait and signal. */
#define TANDEM_UNIT_LOAD 0x1u
#define TANDEM_UNIT_COMPUTE 0x2u
#define TANDEM_UNIT_VECTOR 0x4u
#define TANDEM_UNIT_LOSS 0x8u
#define TANDEM_UNIT_STORE 0x10u
#define TANDEM_UNIT_SELECT 0x20u

/* Commands: opcode, flags, and for each field its first byte and its bits. */
#define TANDEM_COMMAND_BYTES 0x40u                   /* of a command */
#define TANDEM_COMMAND_FLAGS_BYTE 0x1u
#define TANDEM_COMMAND_WAIT_BYTE 0x2u                /* units whose tokens it waits for */
#define TANDEM_COMMAND_SIGNAL_BYTE 0x3u              /* units it gives tokens to */

#define TANDEM_LOAD_OPCODE 0x1u
#define TANDEM_LOAD_FLAG_SKEW 0x1u                   /* Keep lanes rotated by their address (weights). */
#define TANDEM_LOAD_PAD_BYTE 0x8u                    /* 0 to 3: Destination: 0 A, 1 B, 2 V, 3 Z. */
#define TANDEM_LOAD_PAD_BITS 0x8u
#define TANDEM_LOAD_TOP_BYTE 0x9u                    /* 0 to 255: Zero rows above the box. */
#define TANDEM_LOAD_TOP_BITS 0x8u
#define TANDEM_LOAD_BOTTOM_BYTE 0xau                 /* 0 to 255: Zero rows below the box. */
#define TANDEM_LOAD_BOTTOM_BITS 0x8u
#define TANDEM_LOAD_LEFT_BYTE 0xbu                   /* 0 to 255: Zero columns left of the box. */
#define TANDEM_LOAD_LEFT_BITS 0x8u
#define TANDEM_LOAD_RIGHT_BYTE 0xcu                  /* 0 to 255: Zero columns right of the box. */
#define TANDEM_LOAD_RIGHT_BITS 0x8u
#define TANDEM_LOAD_RESERVED_BYTE 0xdu               /* 0 to 0: Unused, 0. */
#define TANDEM_LOAD_RESERVED_BITS 0x8u
#define TANDEM_LOAD_BASE_BYTE 0xeu                   /* 0 to 32767: First word in the scratchpad. */
#define TANDEM_LOAD_BASE_BITS 0x10u
#define TANDEM_LOAD_ADDRESS_BYTE 0x10u               /* 0 to 4294967288: DDR byte address of the box, a multiple of 8. */
#define TANDEM_LOAD_ADDRESS_BITS 0x20u
#define TANDEM_LOAD_N_BYTE 0x14u                     /* 1 to 65535: Outer count (images). */
#define TANDEM_LOAD_N_BITS 0x10u
#define TANDEM_LOAD_M_BYTE 0x16u                     /* 1 to 65535: Middle count (channel blocks). */
#define TANDEM_LOAD_M_BITS 0x10u
#define TANDEM_LOAD_ROWS_BYTE 0x18u                  /* 0 to 65535: Rows of the box; 0 with `top` > 0 makes zero words only. */
#define TANDEM_LOAD_ROWS_BITS 0x10u
#define TANDEM_LOAD_WIDTH_BYTE 0x1au                 /* 1 to 65535: Words of a row of the box. */
#define TANDEM_LOAD_WIDTH_BITS 0x10u
#define TANDEM_LOAD_N_STRIDE_BYTE 0x1cu              /* 0 to 4294967295: Bytes between images. */
#define TANDEM_LOAD_N_STRIDE_BITS 0x20u
#define TANDEM_LOAD_M_STRIDE_BYTE 0x20u              /* 0 to 4294967295: Bytes between channel blocks. */
#define TANDEM_LOAD_M_STRIDE_BITS 0x20u
#define TANDEM_LOAD_ROW_STRIDE_BYTE 0x24u            /* 0 to 4294967295: Bytes between rows. */
#define TANDEM_LOAD_ROW_STRIDE_BITS 0x20u

#define TANDEM_COMPUTE_OPCODE 0x2u
#define TANDEM_COMPUTE_FLAG_OUTPUT_STATIONARY 0x1u   /* Cells keep their own sums (dW). */
#define TANDEM_COMPUTE_FLAG_TRANSPOSE 0x2u           /* Weights are read by column (dX). */
#define TANDEM_COMPUTE_FLAG_ACCUMULATE 0x4u          /* Add to what the accumulators hold. */
#define TANDEM_COMPUTE_FLAG_COLUMN_SUMS 0x8u         /* The sums of the B words follow the last word. */
#define TANDEM_COMPUTE_PHASE_BYTE 0x8u               /* 0 to 2: 0 forward, 1 dX, 2 dW: what its cycles are counted as. */
#define TANDEM_COMPUTE_PHASE_BITS 0x8u
#define TANDEM_COMPUTE_GROUPS_BYTE 0x9u              /* 1 to 32: Row groups to run (1 ..= LANES/ROWS). */
#define TANDEM_COMPUTE_GROUPS_BITS 0x8u
#define TANDEM_COMPUTE_A_BASE_BYTE 0xau              /* 0 to 32767: First A word. */
#define TANDEM_COMPUTE_A_BASE_BITS 0x10u
#define TANDEM_COMPUTE_B_BASE_BYTE 0xcu              /* 0 to 32767: First B word. */
#define TANDEM_COMPUTE_B_BASE_BITS 0x10u
#define TANDEM_COMPUTE_ACC_BASE_BYTE 0xeu            /* 0 to 32767: First accumulator word. */
#define TANDEM_COMPUTE_ACC_BASE_BITS 0x10u
#define TANDEM_COMPUTE_N_BYTE 0x10u                  /* 1 to 4095: Images. */
#define TANDEM_COMPUTE_N_BITS 0x10u
#define TANDEM_COMPUTE_Y_BYTE 0x12u                  /* 1 to 4095: Pixel rows. */
#define TANDEM_COMPUTE_Y_BITS 0x10u
#define TANDEM_COMPUTE_X_BYTE 0x14u                  /* 1 to 4095: Pixels of a row. */
#define TANDEM_COMPUTE_X_BITS 0x10u
#define TANDEM_COMPUTE_K2_BYTE 0x16u                 /* 1 to 4095: Outer pass count (channel blocks). */
#define TANDEM_COMPUTE_K2_BITS 0x10u
#define TANDEM_COMPUTE_K1_BYTE 0x18u                 /* 1 to 4095: Middle pass count (kernel rows). */
#define TANDEM_COMPUTE_K1_BITS 0x10u
#define TANDEM_COMPUTE_K0_BYTE 0x1au                 /* 1 to 4095: Inner pass count (kernel columns). */
#define TANDEM_COMPUTE_K0_BITS 0x10u
#define TANDEM_COMPUTE_A_N_BYTE 0x1cu                /* -32768 to 32767: A words between images. */
#define TANDEM_COMPUTE_A_N_BITS 0x10u
#define TANDEM_COMPUTE_A_Y_BYTE 0x1eu                /* -32768 to 32767: A words between pixel rows. */
#define TANDEM_COMPUTE_A_Y_BITS 0x10u
#define TANDEM_COMPUTE_A_X_BYTE 0x20u                /* -32768 to 32767: A words between pixels. */
#define TANDEM_COMPUTE_A_X_BITS 0x10u
#define TANDEM_COMPUTE_A_K2_BYTE 0x22u               /* -32768 to 32767: A words between outer passes. */
#define TANDEM_COMPUTE_A_K2_BITS 0x10u
#define TANDEM_COMPUTE_A_K1_BYTE 0x24u               /* -32768 to 32767: A words between middle passes. */
#define TANDEM_COMPUTE_A_K1_BITS 0x10u
#define TANDEM_COMPUTE_A_K0_BYTE 0x26u               /* -32768 to 32767: A words between inner passes. */
#define TANDEM_COMPUTE_A_K0_BITS 0x10u
#define TANDEM_COMPUTE_B_K2_BYTE 0x28u               /* -32768 to 32767: B words between outer passes. */
#define TANDEM_COMPUTE_B_K2_BITS 0x10u
#define TANDEM_COMPUTE_B_K1_BYTE 0x2au               /* -32768 to 32767: B words between middle passes. */
#define TANDEM_COMPUTE_B_K1_BITS 0x10u
#define TANDEM_COMPUTE_B_K0_BYTE 0x2cu               /* -32768 to 32767: B words between inner passes. */
#define TANDEM_COMPUTE_B_K0_BITS 0x10u
#define TANDEM_COMPUTE_TERMS_BYTE 0x2eu              /* 1 to 131080: Products in each finished sum over all commands of the product (131080 is the bound of 48 bits). */
#define TANDEM_COMPUTE_TERMS_BITS 0x20u

#define TANDEM_REQUANT_OPCODE 0x3u
#define TANDEM_REQUANT_FLAG_RELU 0x1u                /* Negative values become 0. */
#define TANDEM_REQUANT_FLAG_MASK 0x2u                /* Zero where the word at v_base is not positive (ReLU backward). */
#define TANDEM_REQUANT_FLAG_BIAS 0x4u                /* Add the bias word. */
#define TANDEM_REQUANT_FLAG_SKIP 0x8u                /* Add the aligned skip words at skip_base. */
#define TANDEM_REQUANT_FLAG_POOL 0x10u               /* 2×2 max-pool. */
#define TANDEM_REQUANT_FLAG_FROM_V 0x20u             /* Source is pad V. */
#define TANDEM_REQUANT_FLAG_END 0x40u                /* Last command of the tensor. */
#define TANDEM_REQUANT_FLAG_FREEZE 0x80u             /* The exponent does not learn (inference); the OR mask is dropped at END. */
#define TANDEM_REQUANT_SITE_BYTE 0x8u                /* 0 to 254: Output site. */
#define TANDEM_REQUANT_SITE_BITS 0x8u
#define TANDEM_REQUANT_SITE_A_BYTE 0x9u              /* 0 to 255: Site of the first operand, 255 none. */
#define TANDEM_REQUANT_SITE_A_BITS 0x8u
#define TANDEM_REQUANT_SITE_B_BYTE 0xau              /* 0 to 255: Site of the second operand, 255 none. */
#define TANDEM_REQUANT_SITE_B_BITS 0x8u
#define TANDEM_REQUANT_F_BYTE 0xbu                   /* -128 to 127: Constant part of f_acc. */
#define TANDEM_REQUANT_F_BITS 0x8u
#define TANDEM_REQUANT_SKIP_SITE_BYTE 0xcu           /* 0 to 255: Site of the skip operand, 255 none. */
#define TANDEM_REQUANT_SKIP_SITE_BITS 0x8u
#define TANDEM_REQUANT_SKIP_F_BYTE 0xdu              /* -128 to 127: Constant part of f_skip. */
#define TANDEM_REQUANT_SKIP_F_BITS 0x8u
#define TANDEM_REQUANT_SRC_BASE_BYTE 0xeu            /* 0 to 32767: First source word. */
#define TANDEM_REQUANT_SRC_BASE_BITS 0x10u
#define TANDEM_REQUANT_OUT_BASE_BYTE 0x10u           /* 0 to 32767: First O word. */
#define TANDEM_REQUANT_OUT_BASE_BITS 0x10u
#define TANDEM_REQUANT_INDEX_BASE_BYTE 0x12u         /* 0 to 32767: First O word of pool indices. */
#define TANDEM_REQUANT_INDEX_BASE_BITS 0x10u
#define TANDEM_REQUANT_V_BASE_BYTE 0x14u             /* 0 to 32767: First V word of the mask. */
#define TANDEM_REQUANT_V_BASE_BITS 0x10u
#define TANDEM_REQUANT_BIAS_BASE_BYTE 0x16u          /* 0 to 32767: V word of the bias. */
#define TANDEM_REQUANT_BIAS_BASE_BITS 0x10u
#define TANDEM_REQUANT_N_BYTE 0x18u                  /* 1 to 4095: Images. */
#define TANDEM_REQUANT_N_BITS 0x10u
#define TANDEM_REQUANT_Y_BYTE 0x1au                  /* 1 to 4095: Pixel rows. */
#define TANDEM_REQUANT_Y_BITS 0x10u
#define TANDEM_REQUANT_X_BYTE 0x1cu                  /* 1 to 4095: Pixels of a row. */
#define TANDEM_REQUANT_X_BITS 0x10u
#define TANDEM_REQUANT_SRC_N_BYTE 0x1eu              /* -32768 to 32767: Source words between images. */
#define TANDEM_REQUANT_SRC_N_BITS 0x10u
#define TANDEM_REQUANT_SRC_Y_BYTE 0x20u              /* -32768 to 32767: Source words between rows. */
#define TANDEM_REQUANT_SRC_Y_BITS 0x10u
#define TANDEM_REQUANT_SRC_X_BYTE 0x22u              /* -32768 to 32767: Source words between pixels. */
#define TANDEM_REQUANT_SRC_X_BITS 0x10u
#define TANDEM_REQUANT_OUT_N_BYTE 0x24u              /* -32768 to 32767: O words between images. */
#define TANDEM_REQUANT_OUT_N_BITS 0x10u
#define TANDEM_REQUANT_OUT_Y_BYTE 0x26u              /* -32768 to 32767: O words between rows. */
#define TANDEM_REQUANT_OUT_Y_BITS 0x10u
#define TANDEM_REQUANT_OUT_X_BYTE 0x28u              /* -32768 to 32767: O words between pixels. */
#define TANDEM_REQUANT_OUT_X_BITS 0x10u
#define TANDEM_REQUANT_SKIP_BASE_BYTE 0x2au          /* 0 to 32767: First V word of the skip operand. */
#define TANDEM_REQUANT_SKIP_BASE_BITS 0x10u
#define TANDEM_REQUANT_WIDE_BYTE 0x2cu               /* 0 to 255: Bit 0: the result has 16 bits, whatever the engine's operands have (gradients of weights, logits). Other bits mean nothing. */
#define TANDEM_REQUANT_WIDE_BITS 0x8u

#define TANDEM_UNPOOL_OPCODE 0x4u
#define TANDEM_UNPOOL_G_BASE_BYTE 0x8u               /* 0 to 32767: First V word of the gradient. */
#define TANDEM_UNPOOL_G_BASE_BITS 0x10u
#define TANDEM_UNPOOL_INDEX_BASE_BYTE 0xau           /* 0 to 32767: First V word of the indices. */
#define TANDEM_UNPOOL_INDEX_BASE_BITS 0x10u
#define TANDEM_UNPOOL_OUT_BASE_BYTE 0xcu             /* 0 to 32767: First O word. */
#define TANDEM_UNPOOL_OUT_BASE_BITS 0x10u
#define TANDEM_UNPOOL_N_BYTE 0xeu                    /* 1 to 4095: Images. */
#define TANDEM_UNPOOL_N_BITS 0x10u
#define TANDEM_UNPOOL_Y_BYTE 0x10u                   /* 1 to 4095: Pixel rows of the result. */
#define TANDEM_UNPOOL_Y_BITS 0x10u
#define TANDEM_UNPOOL_X_BYTE 0x12u                   /* 1 to 4095: Pixels of a row of the result. */
#define TANDEM_UNPOOL_X_BITS 0x10u

#define TANDEM_UPDATE_OPCODE 0x5u
#define TANDEM_UPDATE_FLAG_ELASTIC 0x1u              /* Pull the weights back to where they stood. */
#define TANDEM_UPDATE_SITE_D_BYTE 0x8u               /* 0 to 255: Site of the gradient, 255 none. */
#define TANDEM_UPDATE_SITE_D_BITS 0x8u
#define TANDEM_UPDATE_F_BYTE 0x9u                    /* -128 to 127: Constant part of f_d. */
#define TANDEM_UPDATE_F_BITS 0x8u
#define TANDEM_UPDATE_F_W_BYTE 0xau                  /* -128 to 127: Format of the weights. */
#define TANDEM_UPDATE_F_W_BITS 0x8u
#define TANDEM_UPDATE_LR_SHIFT_BYTE 0xbu             /* -128 to 127: Exponent of the learning rate (lr = lr_mantissa·2^−lr_shift). */
#define TANDEM_UPDATE_LR_SHIFT_BITS 0x8u
#define TANDEM_UPDATE_W_BASE_BYTE 0xcu               /* 0 to 32767: First V word of the weights. */
#define TANDEM_UPDATE_W_BASE_BITS 0x10u
#define TANDEM_UPDATE_V_BASE_BYTE 0xeu               /* 0 to 32767: First V word of the momentum. */
#define TANDEM_UPDATE_V_BASE_BITS 0x10u
#define TANDEM_UPDATE_D_BASE_BYTE 0x10u              /* 0 to 32767: First V word of the gradient. */
#define TANDEM_UPDATE_D_BASE_BITS 0x10u
#define TANDEM_UPDATE_W_OUT_BYTE 0x12u               /* 0 to 32767: First O word of the new weights. */
#define TANDEM_UPDATE_W_OUT_BITS 0x10u
#define TANDEM_UPDATE_V_OUT_BYTE 0x14u               /* 0 to 32767: First O word of the new momentum. */
#define TANDEM_UPDATE_V_OUT_BITS 0x10u
#define TANDEM_UPDATE_Z_BYTE 0x16u                   /* 1 to 4095: Outer count (channel blocks). */
#define TANDEM_UPDATE_Z_BITS 0x10u
#define TANDEM_UPDATE_Y_BYTE 0x18u                   /* 1 to 4095: Middle count (kernel taps). */
#define TANDEM_UPDATE_Y_BITS 0x10u
#define TANDEM_UPDATE_X_BYTE 0x1au                   /* 1 to 4095: Inner count (input channels). */
#define TANDEM_UPDATE_X_BITS 0x10u
#define TANDEM_UPDATE_MU_BYTE 0x1cu                  /* 0 to 65535: Momentum factor MU. */
#define TANDEM_UPDATE_MU_BITS 0x10u
#define TANDEM_UPDATE_LR_MANTISSA_BYTE 0x1eu         /* 0 to 65535: Learning-rate mantissa LRM. */
#define TANDEM_UPDATE_LR_MANTISSA_BITS 0x10u
#define TANDEM_UPDATE_DECAY_BYTE 0x20u               /* 0 to 65535: Weight-decay factor LW. */
#define TANDEM_UPDATE_DECAY_BITS 0x10u
#define TANDEM_UPDATE_I_X_BYTE 0x22u                 /* 0 to 65535: Index step of an inner word. */
#define TANDEM_UPDATE_I_X_BITS 0x10u
#define TANDEM_UPDATE_KEY_V_BYTE 0x24u               /* 0 to 4294967295: Random key of the momentum rounding. */
#define TANDEM_UPDATE_KEY_V_BITS 0x20u
#define TANDEM_UPDATE_KEY_W_BYTE 0x28u               /* 0 to 4294967295: Random key of the weight rounding. */
#define TANDEM_UPDATE_KEY_W_BITS 0x20u
#define TANDEM_UPDATE_INDEX_BYTE 0x2cu               /* 0 to 4294967295: Element index of the first word's lane 0. */
#define TANDEM_UPDATE_INDEX_BITS 0x20u
#define TANDEM_UPDATE_I_Z_BYTE 0x30u                 /* 0 to 4294967295: Index step of an outer word. */
#define TANDEM_UPDATE_I_Z_BITS 0x20u
#define TANDEM_UPDATE_I_Y_BYTE 0x34u                 /* 0 to 65535: Index step of a middle word. */
#define TANDEM_UPDATE_I_Y_BITS 0x10u
#define TANDEM_UPDATE_I_LANE_BYTE 0x36u              /* 0 to 4294967295: Index step of a lane. */
#define TANDEM_UPDATE_I_LANE_BITS 0x20u
#define TANDEM_UPDATE_OLD_BASE_BYTE 0x3au            /* 0 to 32767: First V word of where the weights stood. */
#define TANDEM_UPDATE_OLD_BASE_BITS 0x10u
#define TANDEM_UPDATE_IMPORTANCE_BASE_BYTE 0x3cu     /* 0 to 32767: First V word of their importance. */
#define TANDEM_UPDATE_IMPORTANCE_BASE_BITS 0x10u
#define TANDEM_UPDATE_STRENGTH_BYTE 0x3eu            /* 0 to 65535: Share of its distance that a weight of importance 256 is pulled back, of 65536. */
#define TANDEM_UPDATE_STRENGTH_BITS 0x10u

#define TANDEM_LOSS_OPCODE 0x6u
#define TANDEM_LOSS_FLAG_GRADIENT 0x1u               /* Write gradients. */
#define TANDEM_LOSS_FLAG_PROBABILITIES 0x2u          /* Write probabilities. */
#define TANDEM_LOSS_FLAG_RESULT 0x4u                 /* Write rankings. */
#define TANDEM_LOSS_FLAG_SCORE 0x8u                  /* Feed the selector. */
#define TANDEM_LOSS_FLAG_SOFT 0x10u                  /* Gradients are those of soft targets, by `share`. */
#define TANDEM_LOSS_SITE_BYTE 0x8u                   /* 0 to 255: Site of the logits, 255 none. */
#define TANDEM_LOSS_SITE_BITS 0x8u
#define TANDEM_LOSS_F_BYTE 0x9u                      /* -128 to 127: Constant part of f_z. */
#define TANDEM_LOSS_F_BITS 0x8u
#define TANDEM_LOSS_TOP_BYTE 0xau                    /* 1 to 4: Ranked classes a sample (P). */
#define TANDEM_LOSS_TOP_BITS 0x8u
#define TANDEM_LOSS_RESERVED_BYTE 0xbu               /* 0 to 0: Unused, 0. */
#define TANDEM_LOSS_RESERVED_BITS 0x8u
#define TANDEM_LOSS_N_BYTE 0xcu                      /* 1 to 4095: Samples. */
#define TANDEM_LOSS_N_BITS 0x10u
#define TANDEM_LOSS_CLASSES_BYTE 0xeu                /* 2 to 1024: Classes. */
#define TANDEM_LOSS_CLASSES_BITS 0x10u
#define TANDEM_LOSS_Z_BASE_BYTE 0x10u                /* 0 to 32767: First Z word of the logits. */
#define TANDEM_LOSS_Z_BASE_BITS 0x10u
#define TANDEM_LOSS_RECORD_BASE_BYTE 0x12u           /* 0 to 32767: First Z word of the records. */
#define TANDEM_LOSS_RECORD_BASE_BITS 0x10u
#define TANDEM_LOSS_G_BASE_BYTE 0x14u                /* 0 to 32767: First G word of the gradients. */
#define TANDEM_LOSS_G_BASE_BITS 0x10u
#define TANDEM_LOSS_P_BASE_BYTE 0x16u                /* 0 to 32767: First G word of the probabilities. */
#define TANDEM_LOSS_P_BASE_BITS 0x10u
#define TANDEM_LOSS_RESULT_BASE_BYTE 0x18u           /* 0 to 32767: First G word of the rankings. */
#define TANDEM_LOSS_RESULT_BASE_BITS 0x10u
#define TANDEM_LOSS_TARGET_BASE_BYTE 0x1au           /* 0 to 32767: First Z word of the soft targets. */
#define TANDEM_LOSS_TARGET_BASE_BITS 0x10u
#define TANDEM_LOSS_TEMPERATURE_BYTE 0x1cu           /* 1 to 16777215: C = round(log2(e)/T·2^14). */
#define TANDEM_LOSS_TEMPERATURE_BITS 0x20u
#define TANDEM_LOSS_SHARE_BYTE 0x20u                 /* 0 to 32768: Weight of the soft targets in the gradient, of 32768; the rest is the label's. */
#define TANDEM_LOSS_SHARE_BITS 0x10u

#define TANDEM_STORE_OPCODE 0x7u
#define TANDEM_STORE_PAD_BYTE 0x8u                   /* 0 to 1: Source: 0 O, 1 G. */
#define TANDEM_STORE_PAD_BITS 0x8u
#define TANDEM_STORE_RESERVED_BYTE 0x9u              /* 0 to 0: Unused, 0. */
#define TANDEM_STORE_RESERVED_BITS 0x8u
#define TANDEM_STORE_BASE_BYTE 0xau                  /* 0 to 32767: First word in the scratchpad. */
#define TANDEM_STORE_BASE_BITS 0x10u
#define TANDEM_STORE_ADDRESS_BYTE 0xcu               /* 0 to 4294967288: DDR byte address of the box, a multiple of 8. */
#define TANDEM_STORE_ADDRESS_BITS 0x20u
#define TANDEM_STORE_N_BYTE 0x10u                    /* 1 to 65535: Outer count (images). */
#define TANDEM_STORE_N_BITS 0x10u
#define TANDEM_STORE_M_BYTE 0x12u                    /* 1 to 65535: Middle count (channel blocks). */
#define TANDEM_STORE_M_BITS 0x10u
#define TANDEM_STORE_ROWS_BYTE 0x14u                 /* 1 to 65535: Rows of the box. */
#define TANDEM_STORE_ROWS_BITS 0x10u
#define TANDEM_STORE_WIDTH_BYTE 0x16u                /* 1 to 65535: Words of a row. */
#define TANDEM_STORE_WIDTH_BITS 0x10u
#define TANDEM_STORE_N_STRIDE_BYTE 0x18u             /* 0 to 4294967295: Bytes between images. */
#define TANDEM_STORE_N_STRIDE_BITS 0x20u
#define TANDEM_STORE_M_STRIDE_BYTE 0x1cu             /* 0 to 4294967295: Bytes between channel blocks. */
#define TANDEM_STORE_M_STRIDE_BITS 0x20u
#define TANDEM_STORE_ROW_STRIDE_BYTE 0x20u           /* 0 to 4294967295: Bytes between rows. */
#define TANDEM_STORE_ROW_STRIDE_BITS 0x20u

#define TANDEM_SELECT_OPCODE 0x8u
#define TANDEM_SELECT_N_BYTE 0x8u                    /* 1 to 4095: Samples. */
#define TANDEM_SELECT_N_BITS 0x10u

#define TANDEM_YIELD_OPCODE 0x9u

/* Writes the low `bits` (8, 16 or 32) of a value into a command, from `byte` on. */
static inline void tandem_put(uint8_t *command, unsigned byte, unsigned bits, uint32_t value)
{
    unsigned i;
    for (i = 0; i < bits / 8; i++)
        command[byte + i] = (uint8_t)(value >> (8 * i));
}

#endif
