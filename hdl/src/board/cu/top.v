// The Alchitry Cu: clock, reset, the UART link and the compact engine.
module tandem_cu(clock_100, button, uart_receive, uart_transmit, lamps);
    input wire clock_100;
    // Low while pressed.
    input wire button;
    input wire uart_receive;
    output wire uart_transmit;
    output wire [7:0] lamps;

    // 100 MHz / 1 * 8 / 16.
    wire clock;
    wire locked;
    SB_PLL40_CORE #(
        .FEEDBACK_PATH("SIMPLE"),
        .DIVR(4'b0000),
        .DIVF(7'b0000111),
        .DIVQ(3'b100),
        .FILTER_RANGE(3'b101)
    ) pll (
        .REFERENCECLK(clock_100),
        .PLLOUTGLOBAL(clock),
        .LOCK(locked),
        .RESETB(1'b1),
        .BYPASS(1'b0)
    );

    // Reset begins at once and ends with the clock, 16 cycles after lock and button.
    reg [3:0] wait_for = 4'd0;
    reg reset = 1'b1;
    wire ready = locked & button;
    always @(posedge clock or negedge ready)
        if (!ready) begin
            wait_for <= 4'd0;
            reset <= 1'b1;
        end else begin
            wait_for <= wait_for + 4'd1;
            if (wait_for == 4'd15) reset <= 1'b0;
        end

    wire valid, memory, write, done, error;
    wire [31:0] address, data, answer;
    tandem_uart_link link (
        .clock(clock), .reset(reset), .receive(uart_receive), .transmit(uart_transmit),
        .request_valid(valid), .request_memory(memory), .request_write(write),
        .request_address(address), .request_data(data),
        .request_ready(done), .response_data(answer), .response_error(error)
    );
    tandem_compact_engine engine (
        .clock(clock), .reset(reset),
        .request_valid(valid), .request_memory(memory), .request_write(write),
        .request_address(address), .request_data(data),
        .request_ready(done), .response_data(answer), .response_error(error)
    );
    // Running, an access under way, the line.
    assign lamps = {~reset, valid, memory, write, 3'b000, ~uart_receive};
endmodule
