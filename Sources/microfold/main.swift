print("microfold")
