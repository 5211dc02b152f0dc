// The compact engine behind its link port, as a process: requests on standard input, answers on standard output. Compiled with Vport.h.
#include "Vport.h"
#include "verilated.h"
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

namespace {

// Cycles an access may take: as long as a command.
const uint64_t LIMIT = 50'000'000;

VerilatedContext context;
Vport top{&context};
uint64_t cycles = 0;

void tick() {
    top.clock = 0;
    top.eval();
    top.clock = 1;
    top.eval();
    cycles++;
}

// 0 done, 1 refused, 2 no answer.
uint8_t access(bool memory, bool write, uint32_t address, uint32_t data, uint32_t& found) {
    top.request_memory = memory;
    top.request_write = write;
    top.request_address = address;
    top.request_data = data;
    top.request_valid = 1;
    uint8_t status = 2;
    for (uint64_t i = 0; i < LIMIT && status == 2; i++) {
        top.clock = 0;
        top.eval();
        if (top.request_ready) {
            status = top.response_error;
            found = top.response_data;
        }
        tick();
    }
    top.request_valid = 0;
    tick();
    return status;
}

bool get(void* to, size_t bytes) { return fread(to, 1, bytes, stdin) == bytes; }

}  // namespace

// A request is {kind, memory | write << 1, address, data or words}: x one access, r words read, w words written, c cycles so far.
int main() {
    top.reset = 1;
    for (int i = 0; i < 4; i++) tick();
    top.reset = 0;
    uint8_t request[10];
    while (get(request, sizeof request)) {
        uint32_t address, data, found = 0;
        memcpy(&address, request + 2, 4);
        memcpy(&data, request + 6, 4);
        if (request[0] == 'c') {
            fwrite(&cycles, 8, 1, stdout);
        } else if (request[0] == 'x') {
            uint8_t status = access(request[1] & 1, request[1] >> 1, address, data, found);
            fwrite(&status, 1, 1, stdout);
            fwrite(&found, 4, 1, stdout);
        } else {
            std::vector<uint32_t> words(data);
            bool write = request[0] == 'w';
            if (write && !get(words.data(), 4 * words.size())) return 1;
            uint8_t status = 0;
            for (uint32_t i = 0; i < data; i++) {
                found = words[i];
                uint8_t s = access(true, write, address + 4 * i, words[i], found);
                if (s > status) status = s;
                words[i] = found;
            }
            fwrite(&status, 1, 1, stdout);
            if (!write) fwrite(words.data(), 4, words.size(), stdout);
        }
        fflush(stdout);
    }
    return 0;
}
