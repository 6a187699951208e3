# Manual pages, written from what the programs say of themselves, and completions, which ask the programs when they run.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(pages lbd.1 lbctl.1 lbd.cfg.5 vrrpd.8 syncd.8 applyd.8 lbsnmpd.8)
set(page_files ${pages})
list(TRANSFORM page_files PREPEND ${CMAKE_BINARY_DIR}/man/)
file(GLOB page_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/packaging/man/*)
add_custom_command(
  OUTPUT ${page_files}
  COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/packaging/man/generate.py ${CMAKE_BINARY_DIR} ${CMAKE_BINARY_DIR}/man
  DEPENDS ${page_sources} lbd vrrpd syncd applyd lbctl lbsnmpd VERBATIM)
add_custom_target(manual ALL DEPENDS ${page_files})
foreach(page ${pages})
  string(REGEX REPLACE ".*\\." "" section ${page})
  install(FILES ${CMAKE_BINARY_DIR}/man/${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()

foreach(program lbd vrrpd syncd applyd lbctl lbsnmpd)
  install(FILES ${CMAKE_SOURCE_DIR}/packaging/completion/tandem.bash RENAME ${program}
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
endforeach()
install(FILES ${CMAKE_SOURCE_DIR}/packaging/completion/_tandem DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
