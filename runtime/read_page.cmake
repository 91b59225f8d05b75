# read_page(FILE VARIABLE): the text of a page, with what pages share, page.css
# and page.js, in the places of @PAGE_CSS@ and @PAGE_JS@.
function(read_page FILE VARIABLE)
  set(FOLDER ${CMAKE_CURRENT_FUNCTION_LIST_DIR})
  file(READ ${FILE} PAGE)
  file(READ ${FOLDER}/page.css PAGE_CSS)
  file(READ ${FOLDER}/page.js PAGE_JS)
  string(REPLACE "@PAGE_CSS@" "${PAGE_CSS}" PAGE "${PAGE}")
  string(REPLACE "@PAGE_JS@" "${PAGE_JS}" PAGE "${PAGE}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    ${FILE} ${FOLDER}/page.css ${FOLDER}/page.js)
  set(${VARIABLE} "${PAGE}" PARENT_SCOPE)
endfunction()
