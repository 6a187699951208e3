# Where Tandem's own objects stand among all that there are: in code snmp/oid.h, in text TANDEM-MIB.txt. A number that
# IANA gave replaces the arc below netSnmpPlaypen in both.
set(TANDEM_ENTERPRISE "" CACHE STRING "Private enterprise number of TANDEM-MIB; empty: an arc of netSnmpPlaypen")
file(READ ${CMAKE_SOURCE_DIR}/snmp/mibs/TANDEM-MIB.txt tandem_mib)
if(TANDEM_ENTERPRISE)
  target_compile_definitions(tandem_snmp PUBLIC TANDEM_ENTERPRISE=${TANDEM_ENTERPRISE})
  target_compile_definitions(lbsnmpd PRIVATE TANDEM_ENTERPRISE=${TANDEM_ENTERPRISE})
  string(REGEX REPLACE "netSnmpPlaypen +FROM NET-SNMP-MIB" "" tandem_mib "${tandem_mib}")
  string(REGEX REPLACE "\\{ netSnmpPlaypen [0-9]+ \\}" "{ enterprises ${TANDEM_ENTERPRISE} }" tandem_mib "${tandem_mib}")
  string(REPLACE "OBJECT-TYPE, NOTIFICATION-TYPE" "enterprises, OBJECT-TYPE, NOTIFICATION-TYPE" tandem_mib "${tandem_mib}")
endif()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/TANDEM-MIB.txt CONTENT "${tandem_mib}" @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/TANDEM-MIB.txt DESTINATION ${CMAKE_INSTALL_DATADIR}/snmp/mibs)
