# Headers that nearly every file includes are parsed once, for the rooms and for their tests: about a third of a cold
# build. A file includes what it uses all the same; the release preset builds without this and finds one that does not.
option(HYPERWRIGHT_PRECOMPILE "Precompile the headers that nearly every file includes" OFF)

# What ccache needs to know one precompiled header from another.
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  set(PRECOMPILED_OPTIONS "SHELL:-Xclang -fno-pch-timestamp")
else()
  set(PRECOMPILED_OPTIONS -fpch-preprocess)
endif()

# The precompiled headers NAME, and for tests NAME_for_tests.
function(precompiled_headers NAME)
  foreach(KIND "" _for_tests)
    add_library(${NAME}${KIND} OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
    target_link_libraries(${NAME}${KIND} PRIVATE hyperwright_compile fmt::fmt tl::expected Boost::json)
    target_compile_options(${NAME}${KIND} PRIVATE ${PRECOMPILED_OPTIONS})
    target_precompile_headers(${NAME}${KIND} PRIVATE <algorithm> <array> <cstdint> <deque> <functional> <map> <memory>
      <optional> <set> <span> <string> <string_view> <tuple> <utility> <variant> <vector> <boost/json.hpp> <fmt/format.h>
      <fmt/ranges.h> <tl/expected.hpp>)
  endforeach()
  target_link_libraries(${NAME}_for_tests PRIVATE GTest::gmock GTest::gtest_main rapidcheck)
  target_precompile_headers(${NAME}_for_tests PRIVATE <gmock/gmock.h> <gtest/gtest.h> <rapidcheck/gtest.h>)
  foreach(KIND "" _for_tests)
    target_precompile_headers(${NAME}${KIND} PRIVATE ${ARGN})
  endforeach()
endfunction()

if(HYPERWRIGHT_PRECOMPILE)
  file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cpp "")
  precompiled_headers(precompiled)
  # For the rooms that work on the picture of the cluster, which are most of them.
  precompiled_headers(precompiled_picture <state/cluster_state.h>)
endif()

# precompile(<target> <precompiled | precompiled_for_tests | precompiled_picture | precompiled_picture_for_tests>)
function(precompile TARGET FROM)
  if(HYPERWRIGHT_PRECOMPILE)
    target_precompile_headers(${TARGET} REUSE_FROM ${FROM})
    target_compile_options(${TARGET} PRIVATE ${PRECOMPILED_OPTIONS})
  endif()
endfunction()
