# Packages the engine as a Vivado IP with its two AXI ports, clock, reset and interrupt:
#   vivado -mode batch -source package_ip.tcl -tclargs axi.v OUT_FOLDER
# Never run by the project's tests: they have no Vivado.
if {$argc != 2} {
  puts stderr "package_ip.tcl: expected the engine's Verilog and an output folder, found $argc arguments"
  exit 1
}
lassign $argv source folder
create_project -in_memory -part xc7z020clg400-1
add_files -norecurse $source
set_property top tandem_engine [current_fileset]
update_compile_order -fileset sources_1
ipx::package_project -root_dir $folder -vendor tandem -library learning -taxonomy /AXI_Peripheral -import_files -set_current true
set core [ipx::current_core]
set_property name engine $core
set_property version 0.1 $core
set_property display_name "Tandem training engine" $core
set_property description "Systolic array that trains neural networks" $core
set_property supported_families {zynq Production zynquplus Production} $core

# Ports have the usual names, so both AXI interfaces, clock and reset are inferred; what cannot be inferred follows.
ipx::infer_bus_interface irq xilinx.com:signal:interrupt_rtl:1.0 $core
set reset [ipx::get_bus_interfaces reset -of_objects $core]
if {$reset eq ""} {
  ipx::infer_bus_interface reset xilinx.com:signal:reset_rtl:1.0 $core
  set reset [ipx::get_bus_interfaces reset -of_objects $core]
}
set_property value ACTIVE_HIGH [ipx::add_bus_parameter POLARITY $reset]
ipx::associate_bus_interfaces -busif m_axi -clock clock $core
ipx::associate_bus_interfaces -busif s_axi -clock clock $core
ipx::associate_bus_interfaces -clock clock -reset reset $core

# Registers: 64 KiB at the slave; the master reaches all of 32 bits, and the engine's own windows narrow it.
set map [ipx::get_memory_maps s_axi -of_objects $core]
if {$map ne ""} {
  set_property range 65536 [lindex [ipx::get_address_blocks -of_objects $map] 0]
}
ipx::create_xgui_files $core
ipx::update_checksums $core
ipx::check_integrity $core
ipx::save_core $core
