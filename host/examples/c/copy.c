/* Drives an engine behind a serial port from C, with nothing but the generated header: identifies it, has it copy a word of memory
 * from one place to another, and reads why a bad command stopped.
 *
 *   cc -std=c99 -I host/include -o copy host/examples/c/copy.c
 *   ./copy /dev/ttyUSB1             (a board, or what `tandem serve --device model --pty` prints between `uart:` and `@`)
 *
 * A port must be set up before: stty -F /dev/ttyUSB1 12000000 raw -echo.
 */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tandem.h"

enum { PROGRAM = 0x1000, SOURCE = 0x2000, TARGET = 0x3000, WINDOW_END = 0x4000 };
enum { ATTEMPTS = 20, ATTEMPT_MILLISECONDS = 200, LOOKS = 1000 };

static int port;
static uint8_t next_number;

static void fail(const char *what)
{
    fprintf(stderr, "copy: %s\n", what);
    exit(1);
}

static uint32_t get(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void put(uint8_t *bytes, uint32_t value)
{
    tandem_put(bytes, 0, 32, value);
}

static uint32_t crc(const uint8_t *bytes, size_t count)
{
    uint32_t value = 0xffffffffu;
    size_t i;
    int bit;
    for (i = 0; i < count; i++) {
        value ^= bytes[i];
        for (bit = 0; bit < 8; bit++)
            value = value & 1 ? value >> 1 ^ TANDEM_LINK_CRC_POLYNOMIAL : value >> 1;
    }
    return ~value;
}

/* Takes one more byte of an answer; 0 at the end of a try. */
static int byte_came(uint8_t *byte)
{
    struct pollfd wanted = { port, POLLIN, 0 };
    if (poll(&wanted, 1, ATTEMPT_MILLISECONDS) <= 0)
        return 0;
    return read(port, byte, 1) == 1;
}

/* One request until its answer is there; the answer's words go to `words`, its third and fourth byte are returned. */
static unsigned exchange(uint8_t number, unsigned operation, uint32_t address, uint8_t *words, unsigned count)
{
    uint8_t frame[TANDEM_LINK_REQUEST_HEADER + 4 * TANDEM_LINK_WORDS + TANDEM_LINK_CRC_BYTES];
    uint8_t answer[TANDEM_LINK_ANSWER_HEADER + 4 * TANDEM_LINK_WORDS + TANDEM_LINK_CRC_BYTES];
    unsigned writes = operation != TANDEM_LINK_HELLO && operation % 2 == 1;
    unsigned end = TANDEM_LINK_REQUEST_HEADER + (writes ? 4 * count : 0);
    int attempt;
    frame[0] = TANDEM_LINK_REQUEST;
    frame[1] = number;
    frame[2] = (uint8_t)operation;
    frame[3] = (uint8_t)count;
    put(frame + 4, address);
    if (writes)
        memcpy(frame + TANDEM_LINK_REQUEST_HEADER, words, 4 * count);
    put(frame + end, crc(frame + 1, end - 1));
    end += TANDEM_LINK_CRC_BYTES;
    for (attempt = 0; attempt < ATTEMPTS; attempt++) {
        unsigned have = 0, need = TANDEM_LINK_ANSWER_HEADER + TANDEM_LINK_CRC_BYTES;
        if (write(port, frame, end) != (ssize_t)end)
            fail("the port does not take a request");
        while (byte_came(answer + have)) {
            if (have == 0 && answer[0] != TANDEM_LINK_ANSWER)
                continue;
            have++;
            if (have == TANDEM_LINK_ANSWER_HEADER && !(answer[2] & TANDEM_LINK_STATUS_HELLO)) {
                if (answer[3] > TANDEM_LINK_WORDS)
                    break;
                need += 4 * answer[3];
            }
            if (have == need)
                break;
        }
        if (have != need || get(answer + have - 4) != crc(answer + 1, have - 5) || answer[1] != number)
            continue;
        if (operation != TANDEM_LINK_HELLO && !writes)
            memcpy(words, answer + TANDEM_LINK_ANSWER_HEADER, 4 * count);
        return answer[2] | (unsigned)answer[3] << 8;
    }
    fail("no answer; is the port set up, and is it the board's?");
    return 0;
}

static void transfer(unsigned operation, uint32_t address, uint8_t *words, unsigned count)
{
    if ((exchange(next_number, operation, address, words, count) & 0xff) != TANDEM_LINK_STATUS_DONE)
        fail("the device refused an access");
    next_number++;
}

static uint32_t register_of(uint32_t offset)
{
    uint8_t word[4];
    transfer(TANDEM_LINK_READ_REGISTERS, offset, word, 1);
    return get(word);
}

static void set_register(uint32_t offset, uint32_t value)
{
    uint8_t word[4];
    put(word, value);
    transfer(TANDEM_LINK_WRITE_REGISTERS, offset, word, 1);
}

#define FIELD(command, name, value) tandem_put(command, TANDEM_##name##_BYTE, TANDEM_##name##_BITS, value)

/* Load of one word, or of a word of zeros, to `base` of pad V. */
static void load(uint8_t *command, uint32_t address, uint32_t base, int zeros)
{
    command[0] = TANDEM_LOAD_OPCODE;
    FIELD(command, LOAD_PAD, TANDEM_PAD_V);
    FIELD(command, LOAD_BASE, base);
    FIELD(command, LOAD_ADDRESS, address);
    FIELD(command, LOAD_N, 1);
    FIELD(command, LOAD_M, 1);
    FIELD(command, LOAD_WIDTH, 1);
    FIELD(command, LOAD_TOP, zeros ? 1 : 0);
    FIELD(command, LOAD_ROWS, zeros ? 0 : 1);
}

/* Runs the student's program of so many commands; its state at the end. */
static uint32_t run(uint8_t *commands, unsigned count)
{
    unsigned i, looks;
    for (i = 0; i < count; i++)
        transfer(TANDEM_LINK_WRITE_MEMORY, PROGRAM + i * TANDEM_COMMAND_BYTES,
                 commands + i * TANDEM_COMMAND_BYTES, TANDEM_COMMAND_BYTES / 4);
    set_register(TANDEM_REG_IRQ_STATUS, TANDEM_IRQ_STATUS_S_DONE_MASK | TANDEM_IRQ_STATUS_S_FAULT_MASK);
    set_register(TANDEM_REG_S_PROGRAM, PROGRAM);
    set_register(TANDEM_REG_S_LENGTH, count);
    set_register(TANDEM_REG_S_DOORBELL, TANDEM_S_DOORBELL_START_MASK);
    for (looks = 0; looks < LOOKS; looks++) {
        uint32_t state = register_of(TANDEM_REG_S_STATE) & TANDEM_S_STATE_STATE_MASK;
        if (state != TANDEM_STATE_RUNNING)
            return state;
    }
    fail("the program does not end");
    return 0;
}

int main(int arguments, char **argument)
{
    uint8_t commands[4 * TANDEM_COMMAND_BYTES], source[64], target[64];
    unsigned hello, bytes, i;
    uint32_t shape;
    if (arguments != 2)
        fail("expected the path of a serial port");
    port = open(argument[1], O_RDWR | O_NOCTTY);
    if (port < 0)
        fail("cannot open that port");
    hello = exchange(42, TANDEM_LINK_HELLO, 0, NULL, 1);
    next_number = (uint8_t)(hello >> 8);
    if (register_of(TANDEM_REG_ID) != TANDEM_ID_VALUE)
        fail("there is no Tandem engine");
    if (register_of(TANDEM_REG_VERSION) >> TANDEM_VERSION_MAJOR_LOW != TANDEM_VERSION_VALUE >> TANDEM_VERSION_MAJOR_LOW)
        fail("the engine has another interface than this header");
    shape = register_of(TANDEM_REG_SHAPE);
    bytes = 2 * ((shape & TANDEM_SHAPE_LANES_MASK) >> TANDEM_SHAPE_LANES_LOW);
    printf("rows %u, lanes %u\n", shape & TANDEM_SHAPE_ROWS_MASK, bytes / 2);
    set_register(TANDEM_REG_S_WINDOW_BASE, 0);
    set_register(TANDEM_REG_S_WINDOW_END, WINDOW_END);
    set_register(TANDEM_REG_S_WINDOW_PERMISSIONS, TANDEM_WINDOW_READ | TANDEM_WINDOW_WRITE);

    for (i = 0; i < bytes; i++)
        source[i] = (uint8_t)(3 * i + 1);
    transfer(TANDEM_LINK_WRITE_MEMORY, SOURCE, source, bytes / 4);
    /* Weights without momentum, gradient, rate and decay stay what they are: an update copies them. */
    memset(commands, 0, sizeof commands);
    load(commands, SOURCE, 0, 0);
    load(commands + TANDEM_COMMAND_BYTES, 0, 1, 1);
    commands[TANDEM_COMMAND_BYTES + TANDEM_COMMAND_SIGNAL_BYTE] = TANDEM_UNIT_VECTOR;
    {
        uint8_t *update = commands + 2 * TANDEM_COMMAND_BYTES, *store = commands + 3 * TANDEM_COMMAND_BYTES;
        update[0] = TANDEM_UPDATE_OPCODE;
        update[TANDEM_COMMAND_WAIT_BYTE] = TANDEM_UNIT_LOAD;
        update[TANDEM_COMMAND_SIGNAL_BYTE] = TANDEM_UNIT_STORE;
        FIELD(update, UPDATE_SITE_D, TANDEM_NO_SITE);
        FIELD(update, UPDATE_V_BASE, 1);
        FIELD(update, UPDATE_D_BASE, 1);
        FIELD(update, UPDATE_V_OUT, 1);
        FIELD(update, UPDATE_Z, 1);
        FIELD(update, UPDATE_Y, 1);
        FIELD(update, UPDATE_X, 1);
        store[0] = TANDEM_STORE_OPCODE;
        store[TANDEM_COMMAND_WAIT_BYTE] = TANDEM_UNIT_VECTOR;
        FIELD(store, STORE_PAD, TANDEM_PAD_O);
        FIELD(store, STORE_ADDRESS, TARGET);
        FIELD(store, STORE_N, 1);
        FIELD(store, STORE_M, 1);
        FIELD(store, STORE_ROWS, 1);
        FIELD(store, STORE_WIDTH, 1);
    }
    if (run(commands, 4) != TANDEM_STATE_IDLE)
        fail("the copy stopped with an error");
    transfer(TANDEM_LINK_READ_MEMORY, TARGET, target, bytes / 4);
    if (memcmp(source, target, bytes) != 0)
        fail("the copy is another word");
    printf("copied %u bytes\n", bytes);

    memset(commands, 0, sizeof commands);
    load(commands, WINDOW_END, 0, 0);
    if (run(commands, 1) != TANDEM_STATE_FAULTED || register_of(TANDEM_REG_S_ERROR_CODE) != TANDEM_ERROR_READ_WINDOW)
        fail("a read outside the window was not refused");
    printf("refused %#x\n", register_of(TANDEM_REG_S_ERROR_VALUE));
    close(port);
    return 0;
}
