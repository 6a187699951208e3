# The libraries of Debian 12 that Tandem stands on; the README says what each is for.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(Protobuf REQUIRED)
find_package(OpenSSL REQUIRED)
pkg_check_modules(NL REQUIRED IMPORTED_TARGET libnl-3.0 libnl-route-3.0)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2)
pkg_check_modules(NETSNMP REQUIRED IMPORTED_TARGET netsnmp-agent)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
find_package(ZLIB REQUIRED)
find_library(EV_LIBRARY ev REQUIRED)

add_library(tandem_libs INTERFACE)
target_include_directories(tandem_libs INTERFACE ${CMAKE_SOURCE_DIR})
target_link_libraries(tandem_libs INTERFACE
  Threads::Threads fmt::fmt ${EV_LIBRARY} PkgConfig::PCRE2 PkgConfig::XXHASH PkgConfig::NGHTTP2 ZLIB::ZLIB OpenSSL::Crypto crypt)
