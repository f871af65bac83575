# Puts the files of src/report/page and, where setup/install has brought it, the charting library into the library's
# read-only data. Sets page_assets_source.
file(GLOB page_assets CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/report/page/*)
set(charting_library ${CMAKE_SOURCE_DIR}/setup/node_modules/echarts/dist/echarts.min.js)
if(EXISTS ${charting_library})
  list(APPEND page_assets ${charting_library})
else()
  message(STATUS "no charting library (setup/install brings it): 'report --html' and 'explore --html' will say so")
endif()
set(PAGE_ASSET_SECTIONS "")
set(PAGE_ASSET_LOOKUPS "")
set(number 0)
foreach(asset IN LISTS page_assets)
  get_filename_component(asset_name ${asset} NAME)
  string(APPEND PAGE_ASSET_SECTIONS
    "asm(\".pushsection .rodata\\nnorthpole_page_asset_${number}: .incbin \\\"${asset}\\\"\\n\"\n"
    "    \".globl northpole_page_asset_${number}, northpole_page_asset_${number}_end\\nnorthpole_page_asset_${number}_end: .byte 0\\n.popsection\");\n"
    "extern \"C\" const char northpole_page_asset_${number}[], northpole_page_asset_${number}_end[];\n")
  string(APPEND PAGE_ASSET_LOOKUPS
    "  if (name == \"${asset_name}\") return {northpole_page_asset_${number}, static_cast<std::size_t>(northpole_page_asset_${number}_end - northpole_page_asset_${number})};\n")
  math(EXPR number "${number} + 1")
endforeach()
set(page_assets_source ${CMAKE_BINARY_DIR}/generated/page_assets.cpp)
configure_file(${CMAKE_SOURCE_DIR}/src/report/page_assets.cpp.in ${page_assets_source} @ONLY)
set_source_files_properties(${page_assets_source} PROPERTIES OBJECT_DEPENDS "${page_assets}")
