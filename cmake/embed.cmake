# embed(<room> <namespace> <constant> <file>): the text of a file of the repository becomes the constant
# `const std::string_view <constant>` of hyperwright::<namespace>, so that the one binary needs no files beside it.
function(embed ROOM NAMESPACE CONSTANT FILE)
  set(OUT ${CMAKE_BINARY_DIR}/embedded/${NAMESPACE}_${CONSTANT}.cpp)
  set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${FILE})
  file(READ ${CMAKE_SOURCE_DIR}/${FILE} TEXT)
  file(CONFIGURE OUTPUT ${OUT} @ONLY NEWLINE_STYLE UNIX CONTENT [==[
#include <string_view>
namespace hyperwright::@NAMESPACE@ {
extern const std::string_view @CONSTANT@;
const std::string_view @CONSTANT@ = R"embedded(@TEXT@)embedded";
}
]==])
  target_sources(${ROOM} PRIVATE ${OUT})
endfunction()
