# How everything is compiled: the language, the warnings (errors, all of them), the sanitizers, the linker.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

set(HYPERWRIGHT_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=, such as address,undefined")

find_program(CCACHE ccache)
if(CCACHE)
  # Results are shared between build folders and checkouts: the place of the tree is no part of the key.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(hyperwright_compile INTERFACE)
target_include_directories(hyperwright_compile INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(hyperwright_compile INTERFACE -Wall -Wextra -Wpedantic -Wconversion
  -Wsign-conversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Werror
  -Wno-missing-field-initializers)  # a value left out of a designated initializer is its default
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  # The first has a name of its own for designated initializers; the second blames GCC 12's std::stable_sort on who uses it.
  target_compile_options(hyperwright_compile INTERFACE -Wno-missing-designated-field-initializers
    -Wno-deprecated-declarations)
else()
  # GCC cleans its heap up far too often for files of this size: a fifth of its time, for 1 GiB a job at most.
  target_compile_options(hyperwright_compile INTERFACE "SHELL:--param ggc-min-heapsize=1048576")
  # GCC 12 sees overlapping copies in std::string that cannot be, once it inlines enough (GCC bug 105651).
  target_compile_options(hyperwright_compile INTERFACE $<$<CONFIG:Release>:-Wno-restrict>)
endif()
# One executor per process is started by hand: Asio must not look for a default one in headers.
target_compile_definitions(hyperwright_compile INTERFACE BOOST_ASIO_NO_DEPRECATED)
if(HYPERWRIGHT_SANITIZE)
  add_compile_options(-fsanitize=${HYPERWRIGHT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${HYPERWRIGHT_SANITIZE})
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()

find_package(fmt REQUIRED)
find_package(tl-expected REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Threads REQUIRED)
find_package(GTest REQUIRED)
find_package(rapidcheck REQUIRED)
find_package(PkgConfig REQUIRED)
