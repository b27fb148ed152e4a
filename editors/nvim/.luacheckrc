std = 'luajit'
cache = false
max_line_length = 160

globals = { 'vim' }
