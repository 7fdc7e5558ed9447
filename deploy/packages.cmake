# packages.cmake - the Debian packages that `cpack` makes of a build, one for each installed component:
#
#   holdfast         daemon       programs, units, configuration, manual pages
#   libholdfast1     library      libholdfast.so.1; the number is HF_ABI
#   libholdfast-dev  development  headers, libraries to link, CMake and pkg-config files, Python module, examples
#   holdfast-bench   benchmark    holdfast-bench, whose peers (tests/bench) would burden the first with libraries
#
# What is installed into a component is in its package; dependencies on shared libraries come from
# dpkg-shlibdeps. Maintainer scripts stand in deploy/debian.
set(debian ${CMAKE_SOURCE_DIR}/deploy/debian)
set(control ${CMAKE_BINARY_DIR}/debian)

# The date of the last change, for the changelog and for every file: the same source gives the same packages.
# Debian's variable comes first.
set(epoch "$ENV{SOURCE_DATE_EPOCH}")
if(epoch STREQUAL "")
  execute_process(COMMAND git log -1 --format=%ct WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    OUTPUT_VARIABLE epoch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(epoch STREQUAL "")
  string(TIMESTAMP epoch %s UTC)
endif()
set(epoch_before "$ENV{SOURCE_DATE_EPOCH}")
set(ENV{SOURCE_DATE_EPOCH} ${epoch})
string(TIMESTAMP HF_CHANGE_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
set(ENV{SOURCE_DATE_EPOCH} "${epoch_before}")

# Who makes the packages answers for them: Debian's variables, where they are set. The domain is nobody's (RFC 2606).
set(HF_MAINTAINER "The Holdfast developers <holdfast@example.org>")
if(DEFINED ENV{DEBFULLNAME} AND DEFINED ENV{DEBEMAIL})
  set(HF_MAINTAINER "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
endif()

# hf_package(COMPONENT PACKAGE): its name and what Debian wants in every package.
macro(hf_package component package)
  string(TOUPPER ${component} upper)
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${package})
  set(CPACK_DEBIAN_${upper}_FILE_NAME DEB-DEFAULT)
  list(APPEND CPACK_COMPONENTS_ALL ${component})
  set(HF_PACKAGE ${package})
  configure_file(${debian}/changelog.in ${control}/${package}/changelog @ONLY)
  execute_process(COMMAND gzip -9nf ${control}/${package}/changelog)
  install(FILES ${debian}/copyright ${control}/${package}/changelog.gz
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${component})
endmacro()

hf_package(daemon holdfast)
hf_package(library libholdfast${HF_ABI})
hf_package(development libholdfast-dev)
if(HF_TESTS AND NOT HF_FUZZ)
  hf_package(benchmark holdfast-bench)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_PACKAGE_NAME holdfast)
set(CPACK_PACKAGE_CONTACT "${HF_MAINTAINER}")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
# Installed under /usr whatever the build's own prefix; configuration goes to /etc (install_host.cmake).
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_SOURCE_DIR}/deploy/before_packing.cmake)
set(CPACK_HF_EPOCH ${epoch})
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/deploy/compress_man.cmake)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

# A build that gives packages which lack something, or that nobody wants, is not packed: before_packing.cmake tells.
set(CPACK_HF_REFUSALS "")
if(NOT HF_SANITIZE STREQUAL "")
  list(APPEND CPACK_HF_REFUSALS "it is a build for tests, with sanitizers: configure one with -DHF_SANITIZE= -DHF_FUZZ=OFF")
elseif(NOT TARGET man)
  list(APPEND CPACK_HF_REFUSALS "it has no manual pages: install scdoc and python3 (deploy/install_packages.sh), and run cmake and the build again")
endif()
if(EXISTS /etc/debian_version AND CMAKE_LIBRARY_ARCHITECTURE AND
    NOT CMAKE_INSTALL_LIBDIR STREQUAL "lib/${CMAKE_LIBRARY_ARCHITECTURE}")
  list(APPEND CPACK_HF_REFUSALS "its libraries would go to ${CMAKE_INSTALL_LIBDIR}, where two architectures get into each other's way: cmake -B ${CMAKE_BINARY_DIR} -DCMAKE_INSTALL_LIBDIR=lib/${CMAKE_LIBRARY_ARCHITECTURE}, and build again")
endif()

# What the compiled code is for, in the description of each package that has some.
set(built_for "")
if(HF_NATIVE)
  set(built_for "\n.\nIt was built for processors like the one that built it, and for no others.")
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64" AND NOT HF_PORTABLE)
  set(built_for "\n.\nIt was built for processors that have SSE4.2 and AES.")
endif()
if(HF_EXPENSIVE_CHECKS)
  string(APPEND built_for "\n.\nIt was built to find defects: the whole state is audited after every command,\nwhich makes it slow.")
elseif(CMAKE_BUILD_TYPE STREQUAL "Debug")
  string(APPEND built_for "\n.\nIt was built for a debugger, without optimisation, which makes it slow.")
endif()
set(CPACK_COMPONENT_DAEMON_DESCRIPTION "order matching for one host: daemon and tools
Holdfast matches orders of processes on one Linux host. They reach it through
shared memory. An order that was submitted is processed exactly once, although
the daemon is killed at any instruction.
.
This package has the daemon, its units and configuration, and the tools for
operators.${built_for}")
set(CPACK_DEBIAN_DAEMON_PACKAGE_SECTION misc)
set(CPACK_DEBIAN_DAEMON_PACKAGE_DEPENDS
  "systemd | systemd-standalone-sysusers | systemd-sysusers, systemd | systemd-standalone-tmpfiles | systemd-tmpfiles")
set(CPACK_DEBIAN_DAEMON_PACKAGE_SUGGESTS "libholdfast-dev, holdfast-bench")
set(CPACK_DEBIAN_DAEMON_PACKAGE_CONTROL_EXTRA
  "${debian}/holdfast/conffiles;${debian}/holdfast/postinst;${debian}/holdfast/prerm;${debian}/holdfast/postrm")

set(CPACK_COMPONENT_LIBRARY_DESCRIPTION "order matching for one host: client library
The shared library with which processes trade at a Holdfast daemon, and with
which researchers run its state machine without one.${built_for}")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_MULTIARCH same)
file(WRITE ${control}/shlibs "libholdfast ${HF_ABI} libholdfast${HF_ABI} (>= ${PROJECT_VERSION})\n")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA "${control}/shlibs;${debian}/libholdfast/triggers")

if(HF_PYTHON)
  set(python_module " a Python module,")
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS "python3, python3-cffi-backend")
endif()
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "order matching for one host: development files
Headers for C and C++, libraries to link,${python_module} CMake and pkg-config
files, and examples for programs that use Holdfast's client library.${built_for}")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libholdfast${HF_ABI} (= ${PROJECT_VERSION}), libc6-dev, libnuma-dev")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_CONTROL_EXTRA "${debian}/libholdfast-dev/prerm")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "cmake | pkg-config, holdfast")

set(CPACK_COMPONENT_BENCHMARK_DESCRIPTION "order matching for one host: benchmark
holdfast-bench measures the parts of Holdfast on a host, a daemon of its own
from end to end, and what the host itself allows.${built_for}")
set(CPACK_DEBIAN_BENCHMARK_PACKAGE_SECTION misc)
set(CPACK_DEBIAN_BENCHMARK_PACKAGE_DEPENDS "holdfast (= ${PROJECT_VERSION})")

include(CPack)
